import { randomUUID } from 'node:crypto';
import { ErasureRequested, type ErasureReport } from '@atrium/contracts';
import { NO_WORKSPACE, type ServiceDefinition } from '@atrium/service-kit';
import { eventually, type ServiceUnderTest } from './service.ts';

/** What a service reported, with its counts by kind. */
export interface ErasedPart {
  readonly report: ErasureReport;
  readonly erased: Readonly<Record<string, number>>;
  readonly retained: Readonly<Record<string, number>>;
}

const byKind = (counts: readonly { kind: string; count: number }[]): Record<string, number> =>
  Object.fromEntries(counts.map(({ kind, count }) => [kind, count]));

/** Tells a service that a person or a workspace is to be erased, the way auth does. @returns the id of the erasure */
export const requestErasure = async (
  { name, schema }: Pick<ServiceDefinition, 'name' | 'schema'>,
  service: Pick<ServiceUnderTest, 'database'>,
  request: { userId?: string; workspaces?: string[]; shared?: string[] },
): Promise<string> => {
  const [id, erasureId] = [randomUUID(), randomUUID()];
  const { userId = null, workspaces = [], shared = [] } = request;
  const envelope = {
    specversion: '1.0',
    id,
    source: '/atrium/test',
    type: ErasureRequested.type,
    time: new Date().toISOString(),
    subject: erasureId,
    datacontenttype: 'application/json',
    workspaceid: NO_WORKSPACE,
    data: { erasureId, scope: userId === null ? 'workspace' : 'user', userId, workspaces, shared },
  };
  await service.database.query(
    `insert into ${schema}.outbox (event_id, subscriber, key, type, workspace_id, envelope)
     values ($1, $2, $3, $4, $5, $6)`,
    [id, name, erasureId, envelope.type, NO_WORKSPACE, JSON.stringify(envelope)],
  );
  return erasureId;
};

/** Waits for what a service reports of an erasure; auth is not there to hear of it, so it lies in the outbox. */
export const erasedPart = async (
  { schema }: Pick<ServiceDefinition, 'schema'>,
  service: Pick<ServiceUnderTest, 'database'>,
  erasureId: string,
  withinMs = 45_000,
): Promise<ErasedPart> =>
  eventually(async () => {
    const [row] = await service.database.query<{ report: ErasureReport }>(
      `select envelope->'data' as report from ${schema}.outbox
       where key = $1 and type like '%.erasure.completed.v1'`,
      [erasureId],
    );
    if (!row) return undefined;
    const { report } = row;
    return { report, erased: byKind(report.erased), retained: byKind(report.retained) };
  }, withinMs);
