import { isApiKey, outsideWorkspaces, unauthenticated, type Transactional } from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import { hashApiKey, type ApiKeyService } from './api-key.service.ts';

/** Trades API keys for short access tokens with the owner's role of this moment and the key's scopes. */
export const createKeyExchangeService = (parts: {
  apiKeys: Transactional<ApiKeyService>;
  accounts: Transactional<AccountService>;
  tokens: AccessTokens;
}) => ({
  /** @throws DomainError 401 for every key that does not open anything, whatever the reason */
  async exchange(presented: string) {
    const refused = () => unauthenticated('token.invalid', 'The API key is not valid.');
    if (!isApiKey(presented)) throw refused();
    const found = await parts.apiKeys.read(outsideWorkspaces(), (keys) => keys.findByHash(hashApiKey(presented)));
    if (!found) throw refused();
    const { id, userId, workspaceId } = found;
    const tenant = { workspaceId, userId };
    const access = await parts.accounts.run(tenant, (accounts) => accounts.holdAccess(userId));
    const key = access && (await parts.apiKeys.run(tenant, (keys) => keys.use(id)));
    if (!key) throw refused();
    const { member, readAt } = access;
    return parts.tokens.issue({ userId, workspaceId, role: member.role, scopes: key.scopes, keyId: id, readAt });
  },
});
export type KeyExchangeService = ReturnType<typeof createKeyExchangeService>;
