import type { EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { Tenant } from '../data/tenant.ts';
import { currentContext } from '../runtime/context.ts';
import { newId } from '../runtime/ids.ts';
import type { JobDefinition } from './job.ts';

/** The BullMQ queue that wakes the workers of a kind. */
export const jobQueue = (service: string, kind: string): string => `jobs.${service}.${kind}`;

/** Adds jobs to the transaction it was built on. */
export interface JobQueue {
  /**
   * Writes a job in the same transaction as the rows it works on; it starts after the commit.
   * @param key at most one job of a kind has it; a second one is not added
   * @returns the job's id, or undefined when the key is taken
   */
  add<Payload extends z.ZodType>(
    definition: JobDefinition<Payload>,
    payload: z.input<Payload>,
    options?: { key?: string; runAt?: Date },
  ): Promise<string | undefined>;
  /** Asks a job to stop; confirmed when its state becomes `cancelled`. False when it has ended or is not there. */
  cancel(id: string): Promise<boolean>;
}

/** Makes the job queue of a transaction; one a service. */
export interface JobWriter {
  on(manager: EntityManager, tenant: Tenant, afterCommit: (work: () => void) => void): JobQueue;
}

/** @param wake called after a commit that added or cancelled a job */
export const createJobWriter = (wake: (kind: string) => void): JobWriter => ({
  on: (manager, tenant, afterCommit) => ({
    async add(definition, payload, options = {}) {
      const [row]: [{ id: string } | undefined] = await manager.query(
        `insert into jobs (id, kind, workspace_id, user_id, key, payload, run_at, traceparent, scopes)
         values ($1, $2, $3, $4, $5, $6, coalesce($7, now()), $8, $9)
         on conflict (kind, key) do nothing returning id`,
        [
          newId(),
          definition.kind,
          tenant.workspaceId,
          tenant.userId ?? null,
          options.key ?? null,
          JSON.stringify(definition.payload.parse(payload)),
          options.runAt ?? null,
          currentContext()?.traceparent ?? null,
          tenant.scopes ?? null,
        ],
      );
      if (row && !options.runAt) afterCommit(() => wake(definition.kind));
      return row?.id;
    },
    async cancel(id) {
      const [rows]: [{ kind: string }[], number] = await manager.query(
        `update jobs set cancel_requested = true
         where id = $1 and workspace_id = $2 and state in ('queued', 'running') returning kind`,
        [id, tenant.workspaceId],
      );
      const kind = rows[0]?.kind;
      if (kind) afterCommit(() => wake(kind));
      return kind !== undefined;
    },
  }),
});
