import { readEntitlements, type Entitlements, type EntitlementsView } from '@atrium/contracts';
import type { Redis } from 'ioredis';
import { DomainError } from '../http/problem.ts';
import type { Logger } from '../observability/log.ts';
import { callService, type Delegation } from './service.client.ts';

/** How long an answer is kept for all processes, and how long one process goes without looking there. */
const SHARED_SECONDS = 60;
const OWN_MS = 10_000;
const PATIENCE_MS = 2_000;
const REMEMBERED = 10_000;

/** What workspaces may do by their plans, as billing says. */
export interface EntitlementSource {
  /**
   * What the user's workspace may do. When billing cannot be asked it is what was last known of it, and undefined,
   * which forbids nothing, where nothing was: a bill must never keep people from their work.
   */
  of(user: { userId: string; workspaceId: string }): Promise<EntitlementsView | undefined>;
  /** Drops what is kept of a workspace; call it when `billing.entitlements.changed` is heard. */
  forget(workspaceId: string): Promise<void>;
}

/** @param options.redis shares answers between processes; without it each asks for itself */
export const createEntitlements = (options: {
  billingUrl: string;
  delegation: Delegation;
  redis: Pick<Redis, 'get' | 'set' | 'del'>;
  prefix: string;
  log: Pick<Logger, 'warn'>;
  now?: () => number;
}): EntitlementSource => {
  const { billingUrl, delegation, redis, prefix, log, now = Date.now } = options;
  const known = new Map<string, { view: EntitlementsView | undefined; until: number }>();
  const keyOf = (workspaceId: string): string => `${prefix}:entitlements:${workspaceId}`;

  const shared = async (key: string): Promise<EntitlementsView | undefined> => {
    const text = await redis.get(key).catch(() => null);
    if (text === null) return undefined;
    const parsed = readEntitlements.response.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  };

  const ask = async (user: { userId: string; workspaceId: string }): Promise<EntitlementsView> => {
    const token = await delegation.tokenFor(user);
    return callService(readEntitlements, { baseUrl: billingUrl, input: {}, token, timeoutMs: PATIENCE_MS });
  };

  const keep = (workspaceId: string, view: EntitlementsView | undefined): EntitlementsView | undefined => {
    known.delete(workspaceId);
    if (known.size >= REMEMBERED) known.delete(known.keys().next().value ?? '');
    known.set(workspaceId, { view, until: now() + OWN_MS });
    return view;
  };

  return {
    async of(user) {
      const { workspaceId } = user;
      const last = known.get(workspaceId);
      if (last && last.until > now()) return last.view;
      const key = keyOf(workspaceId);
      const found = await shared(key);
      if (found) return keep(workspaceId, found);
      try {
        const view = await ask(user);
        await redis.set(key, JSON.stringify(view), 'EX', SHARED_SECONDS).catch(() => undefined);
        return keep(workspaceId, view);
      } catch (error) {
        log.warn(
          { err: error, workspaceId },
          'billing cannot be asked what a plan allows; what was last known applies',
        );
        return keep(workspaceId, last?.view);
      }
    },

    async forget(workspaceId) {
      const last = known.get(workspaceId);
      if (last) known.set(workspaceId, { ...last, until: 0 });
      await redis.del(keyOf(workspaceId)).catch(() => undefined);
    },
  };
};

/** Whether a model is among those that a plan names; `*` stands for any part of a name. */
export const allowsModel = ({ models }: Pick<Entitlements, 'models'>, model: string): boolean =>
  models.some((pattern) => {
    const [first = '', ...rest] = pattern.split('*');
    if (rest.length === 0) return pattern === model;
    if (!model.startsWith(first)) return false;
    let at = first.length;
    const last = rest.pop() ?? '';
    for (const part of rest) {
      const found = model.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return model.length - last.length >= at && model.endsWith(last);
  });

/**
 * Makes sure that a plan allows something; says which plan would.
 * @param allows whether entitlements allow it
 * @param what the refusal: the name of the entitlement and a sentence about it
 * @throws DomainError 403 `entitlement.exceeded` with `entitlement`, `plan` and `allowedBy`
 */
export const requireEntitlement = (
  view: EntitlementsView | undefined,
  allows: (entitlements: Entitlements) => boolean,
  what: { entitlement: keyof Entitlements; detail: string },
): void => {
  if (view === undefined || allows(view.entitlements)) return;
  const other = view.plans.find(({ entitlements }) => allows(entitlements));
  const hint = other ? ` The plan ${other.name} would allow it.` : '';
  throw new DomainError('entitlement.exceeded', 403, `${what.detail}${hint}`, {
    extra: { entitlement: what.entitlement, plan: view.plan, allowedBy: other?.id ?? null },
  });
};

/** Whether a count or size is within a limit; no limit allows everything. */
export const within = (limit: number | null, value: number): boolean => limit === null || value <= limit;
