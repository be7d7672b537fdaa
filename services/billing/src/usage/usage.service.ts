import { decodeCursor } from '@atrium/service-kit';
import type { UsageRecord } from './usage.entity.ts';
import type { UsageStore } from './usage.store.ts';

/** What a workspace consumed; written when a run is settled. */
export const createUsageService = ({ usage }: { usage: UsageStore }) => ({
  list: async (limit: number, cursor: string | undefined): Promise<UsageRecord[]> =>
    usage.list(limit + 1, decodeCursor(cursor)?.id),
});
export type UsageService = ReturnType<typeof createUsageService>;
