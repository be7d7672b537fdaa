import { randomBytes } from 'node:crypto';
import { newId, transactional, type DataRuntime, type Transactional } from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import { createApiKeyService } from './api-key.service.ts';
import { createApiKeyStore } from './api-key.store.ts';
import { createKeyExchangeService } from './key-exchange.service.ts';

/** Keys for programs: making them, and trading them for tokens. */
export const composeApiKeys = (parts: {
  runtime: DataRuntime;
  accounts: Transactional<AccountService>;
  tokens: AccessTokens;
  now: () => Date;
}) => {
  const { runtime, accounts, tokens, now } = parts;
  const apiKeys = transactional(runtime, ({ manager, tenant }) =>
    createApiKeyService({ keys: createApiKeyStore(manager, tenant), now, newId, random: randomBytes }),
  );
  return { apiKeys, keyExchange: createKeyExchangeService({ apiKeys, accounts, tokens }), now };
};
