import { EntitlementsChanged, HoldSettled } from '@atrium/contracts';
import { subscriber, type EntitlementSource, type Subscriber } from '@atrium/service-kit';
import { z } from 'zod';
import type { RunStream } from '../streaming/run.stream.ts';
import { createRunService } from './run.service.ts';

/** What a run cost is known once billing has settled its hold; holds of others have references of other kinds. */
export const runSubscribers = (stream: RunStream, entitlements: EntitlementSource): Subscriber[] => [
  subscriber(EntitlementsChanged, async ({ tenant, afterCommit }) =>
    afterCommit(() => void entitlements.forget(tenant.workspaceId)),
  ),
  subscriber(HoldSettled, async (unit, { data }) => {
    const runId = z.uuid().safeParse(data.reference);
    if (runId.success) await createRunService(unit, stream).settled(runId.data, BigInt(data.captured));
  }),
];
