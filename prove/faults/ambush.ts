import type { Platform } from '../platform/platform.ts';
import { commits, type StatementFate } from '../platform/postgres.proxy.ts';

/** Lies in wait for the transactions of single requests. */
export interface Ambush {
  /** What is to happen to the commit of the transaction that takes this idempotency key: hidden once, lost each time. */
  lay(key: string, fate: Exclude<StatementFate, 'pass'>): void;
  /** Lets the transactions of this key pass again. */
  spare(key: string): void;
  /** Whether it happened. */
  sprung(key: string): boolean;
  lift(): void;
}

/** Takes over every service's line to Postgres until it is lifted. */
export const layAmbush = ({ postgres }: Platform): Ambush => {
  const waiting = new Map<string, StatementFate>();
  const hit = new Set<string>();
  const inside = new Map<symbol, string>();
  for (const line of Object.values(postgres))
    line.judge(({ text, message, connection, inTransaction }) => {
      for (const key of waiting.keys()) if (message.includes(key)) inside.set(connection, key);
      if (/^\s*rollback/i.test(text)) inside.delete(connection);
      if (!commits({ text, inTransaction })) return 'pass';
      const key = inside.get(connection);
      inside.delete(connection);
      const fate = key === undefined ? undefined : waiting.get(key);
      if (key === undefined || !fate) return 'pass';
      if (fate === 'hide') waiting.delete(key);
      hit.add(key);
      return fate;
    });
  return {
    lay: (key, fate) => void waiting.set(key, fate),
    spare: (key) => void waiting.delete(key),
    sprung: (key) => hit.has(key),
    lift: () => Object.values(postgres).forEach((line) => line.judge(undefined)),
  };
};
