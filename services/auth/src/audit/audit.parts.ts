import {
  createAuditReader,
  transactional,
  type DataRuntime,
  type Logger,
  type Transactional,
} from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import type { AuthConfig } from '../config.ts';
import type { AccessTokens } from '../tokens/access.token.ts';
import { createWholeAudit } from './audit.whole.ts';

/** Binds the whole audit log to auth's own part and to where the other services answer. */
export const composeAudit = (parts: {
  config: AuthConfig;
  runtime: DataRuntime;
  accounts: Transactional<AccountService>;
  tokens: AccessTokens;
  log: Logger;
}) => {
  const { config, runtime, ...rest } = parts;
  return createWholeAudit({
    ...rest,
    own: transactional(runtime, ({ manager, tenant }) => createAuditReader(manager, tenant)),
    urls: {
      'agent-orchestrator': config.AGENT_URL,
      document: config.DOCUMENT_URL,
      billing: config.BILLING_URL,
      calendar: config.CALENDAR_URL,
    },
  });
};
