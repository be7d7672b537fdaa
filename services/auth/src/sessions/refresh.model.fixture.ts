import { randomUUID } from 'node:crypto';
import type { Outbox } from '@atrium/service-kit';
import type { WorkspaceStore } from '../workspaces/workspace.store.ts';
import { hashRefreshToken } from './refresh.token.ts';
import type { RefreshToken, Session } from './session.entity.ts';
import { createSessionService, type SessionService } from './session.service.ts';
import type { SessionChoice, SessionStore } from './session.store.ts';

const keyOf = (hash: Buffer): string => hash.toString('hex');
const DAY_MS = 86_400_000;

/**
 * The real rules on tables in memory and a clock that is set by hand. What runs at once runs one after the other, as
 * the lock on the session has it.
 */
export const startModel = () => {
  const sessions = new Map<string, Session>();
  const tokens = new Map<string, RefreshToken>();
  const recalled = new Set<string>();
  const reuses: string[] = [];
  const workspaceId = randomUUID();
  let clock = Date.UTC(2026, 0, 1);
  let last: Promise<unknown> = Promise.resolve();

  const matching = ({ ids, except }: SessionChoice): Session[] =>
    [...sessions.values()].filter(({ id }) => (ids ? ids.includes(id) : id !== except));
  const store: SessionStore = {
    add: async (session) => void sessions.set(session.id, { ...session }),
    find: async (id) => sessions.get(id) ?? null,
    lock: async (id) => sessions.get(id) ?? null,
    update: async (id, change) => void Object.assign(sessions.get(id) ?? {}, change),
    async revoke(which, revokedReason, revokedAt) {
      const ended = matching(which).filter((one) => one.revokedAt === null);
      for (const one of ended) Object.assign(one, { revokedAt, revokedReason });
      return ended.map(({ id }) => id);
    },
    listOpen: async () => [...sessions.values()].filter((one) => one.revokedAt === null),
    pageOpen: async () => [],
    addToken: async (token) => void tokens.set(keyOf(token.hash), { ...token }),
    findToken: async (hash) => tokens.get(keyOf(hash)) ?? null,
    ownerOf: async (hash) => sessions.get(tokens.get(keyOf(hash))?.sessionId ?? '') ?? null,
    async rotate({ next, spent, sealedSuccessor, client, spentBefore }) {
      const { sessionId, issuedAt, expiresAt } = next;
      Object.assign(tokens.get(keyOf(spent)) ?? {}, { spentAt: issuedAt, sealedSuccessor });
      for (const [key, token] of tokens) {
        if (token.sessionId !== sessionId) continue;
        if (token.expiresAt < issuedAt) tokens.delete(key);
        else if (token.spentAt && token.spentAt < spentBefore) token.sealedSuccessor = null;
      }
      tokens.set(keyOf(next.hash), { ...next, parentHash: spent, spentAt: null, sealedSuccessor: null });
      Object.assign(sessions.get(sessionId) ?? {}, { ...client, lastSeenAt: issuedAt, expiresAt });
    },
  };
  const service = createSessionService({
    sessions: store,
    workspaces: { roleOf: async () => 'member' } as unknown as WorkspaceStore,
    revocations: {
      sessions: async (ids) => ids.forEach((id) => recalled.add(id)),
      user: async () => undefined,
      recalledSince: async () => false,
      waitFor: async () => undefined,
    },
    outbox: { add: async (_event, key) => void reuses.push(key) } satisfies Outbox,
    limits: { maxAgeMs: 90 * DAY_MS, idleMs: 7 * DAY_MS, perUser: 0 },
    now: () => new Date(clock),
    newId: randomUUID,
  });

  return {
    workspaceId,
    /** Sessions whose access tokens were recalled, and those in which reuse was told, each time it was. */
    recalled,
    reuses,
    now: (): number => clock,
    wait: (ms: number): void => void (clock += ms),
    /** Runs one transaction after those that were begun before. */
    run<Result>(work: (service: SessionService) => Promise<Result>): Promise<Result> {
      const result = last.then(() => work(service));
      last = result.catch(() => undefined);
      return result;
    },
    isOpen: (sessionId: string): boolean => sessions.get(sessionId)?.revokedAt === null,
    /** When a token was spent, in epoch milliseconds. */
    spentAt: (token: string): number | undefined => tokens.get(keyOf(hashRefreshToken(token)))?.spentAt?.getTime(),
  };
};
export type Model = ReturnType<typeof startModel>;
