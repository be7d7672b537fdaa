import { readAuditLog, serviceNames, type AuditPart, type AuditRecord, type ServiceName } from '@atrium/contracts';
import { callService, DomainError, type AuditReader, type Logger, type Transactional } from '@atrium/service-kit';
import type { AccountService } from '../accounts/account.service.ts';
import type { AccessTokens } from '../tokens/access.token.ts';

/** A service that does not answer within this is left out and named. */
const ANSWER_MS = 2_000;

/** A record and the service whose chain it is in. */
export type Recorded = AuditRecord & { readonly service: ServiceName };

/** The newest first; of those at one time the one with the larger id. Fixed-width UTC times compare as text; pure. */
const newestFirst = (a: AuditRecord, b: AuditRecord): number => {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
};

/** Shows what the services have on record of a workspace as one log. */
export const createWholeAudit = (parts: {
  own: Transactional<AuditReader>;
  /** Where the other services answer. */
  urls: Readonly<Record<Exclude<ServiceName, 'auth'>, string>>;
  accounts: Transactional<AccountService>;
  tokens: AccessTokens;
  log: Logger;
}) => {
  const { own, urls, accounts, tokens, log } = parts;

  const delegated = async (userId: string, workspaceId: string): Promise<string> => {
    const access = await accounts.run({ workspaceId, userId }, (service) => service.holdAccess(userId));
    if (!access) throw new DomainError('auth.access_lost', 403, 'You are no longer a member of this workspace.');
    const { member, readAt } = access;
    return tokens.issue({ userId, workspaceId, role: member.role, actor: 'auth', readAt }).accessToken;
  };
  const ask = (service: Exclude<ServiceName, 'auth'>, token: string, part: AuditPart) =>
    callService(readAuditLog(service), { baseUrl: urls[service], token, input: part, timeoutMs: ANSWER_MS });

  return {
    /**
     * @param only one service's part; absent: all
     * @returns at most `part.limit` records, and the services that did not answer
     * @throws DomainError 403 `auth.access_lost`
     */
    async list(
      person: { userId: string; workspaceId: string },
      part: AuditPart,
      only: ServiceName | undefined,
    ): Promise<{ records: Recorded[]; incomplete: ServiceName[] }> {
      const services = only === undefined ? serviceNames : [only];
      const others = services.some((service) => service !== 'auth');
      const token = others ? await delegated(person.userId, person.workspaceId) : '';
      const incomplete: ServiceName[] = [];
      const read = async (service: ServiceName): Promise<Recorded[]> => {
        if (service === 'auth') {
          const records = await own.read(person, (reader) => reader.list(part));
          return records.map((record) => ({ ...record, service }));
        }
        try {
          const { data } = await ask(service, token, part);
          return data.map((record) => ({ ...record, service }));
        } catch (error) {
          log.warn({ err: error, service }, 'a part of the audit log is missing from an answer');
          incomplete.push(service);
          return [];
        }
      };
      const found = await Promise.all(services.map(read));
      return { records: found.flat().sort(newestFirst).slice(0, part.limit), incomplete: incomplete.sort() };
    },
  };
};
export type WholeAudit = ReturnType<typeof createWholeAudit>;
