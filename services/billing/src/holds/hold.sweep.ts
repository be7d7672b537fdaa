import { startLoop, type Logger, type Loop } from '@atrium/service-kit';
import type { HoldService } from './hold.service.ts';

const EVERY_MS = 1_000;
const MOST = 200;

/**
 * Gives back the holds whose time is over. Several replicas may sweep at once: a hold expires once. One that fails is
 * found again by the next sweep.
 */
export const startHoldSweep = (parts: {
  due: (limit: number) => Promise<readonly { id: string; workspaceId: string }[]>;
  holds: Pick<HoldService, 'expire'>;
  log: Logger;
}): Loop =>
  startLoop({
    name: 'hold sweep',
    intervalMs: EVERY_MS,
    log: parts.log,
    async step() {
      const due = await parts.due(MOST);
      const results = await Promise.allSettled(
        due.map(({ id, workspaceId }) => parts.holds.expire({ workspaceId }, id)),
      );
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      return due.length === MOST;
    },
  });
