import { decodeCursor, invalid, NO_WORKSPACE, toPage } from '@atrium/service-kit';
import { z } from 'zod';
import type { Cell } from '../paper/csv.ts';
import type { SettingsStore } from '../settings/settings.store.ts';
import { startOfDay } from '../settings/zone.ts';
import { groupingOf } from './usage.groups.ts';
import { presentGroup, presentUsage, type UsageQuery } from './usage.schema.ts';
import type { UsageStore } from './usage.store.ts';

const Keys = z.array(z.string().nullable());
const FIRST = new Date(0);
const LAST = new Date('9999-01-01T00:00:00Z');
const COLUMNS = [
  ...(['createdAt', 'id', 'runId', 'holdId', 'conversationId', 'agentId', 'documentId', 'userId', 'apiKeyId'] as const),
  ...(['provider', 'model', 'unit', 'quantity', 'inputTokens', 'cachedInputTokens', 'outputTokens'] as const),
  ...(['estimated', 'cost', 'charged', 'currency'] as const),
];
/** Rows of one file; more are asked for by a shorter time. */
const MOST_FILE_ROWS = 50_000;

/** What a workspace consumed; written when a run is settled or something else is measured. */
export const createUsageService = ({ usage, settings }: { usage: UsageStore; settings: SettingsStore }) => {
  const momentOf = (text: string, zone: string): Date => (text.length === 10 ? startOfDay(text, zone) : new Date(text));

  const rangeOf = async ({ from, to }: Pick<UsageQuery, 'from' | 'to'>) => {
    const { timeZone: zone } = await settings.read();
    const range = {
      zone,
      from: from === undefined ? undefined : momentOf(from, zone),
      to: to === undefined ? undefined : momentOf(to, zone),
    };
    if (range.from && range.to && range.from >= range.to)
      throw invalid('usage.empty_range', 'The time to look at ends before it begins. `to` is not included.');
    return range;
  };

  const keysFrom = (cursor: string | undefined, count: number): (string | null)[] | undefined => {
    const at = decodeCursor(cursor)?.at;
    if (at === undefined) return undefined;
    try {
      return Keys.length(count).parse(JSON.parse(at));
    } catch {
      throw invalid('request.invalid_cursor', 'The cursor is not one that this list returned.');
    }
  };

  return {
    /** The records newest first; or sums by group, in the order of the groups. */
    async list(query: UsageQuery) {
      const { limit, cursor, groupBy, bucket } = query;
      const { zone, from, to } = await rangeOf(query);
      if (groupBy === undefined && bucket === undefined) {
        const records = await usage.list(limit + 1, decodeCursor(cursor)?.id, { from, to });
        return toPage(records, limit, ({ id, createdAt }) => ({ at: createdAt.toISOString(), id }), presentUsage);
      }
      const grouping = groupingOf(groupBy ?? [], bucket, zone);
      const after = keysFrom(cursor, grouping.names.length);
      const groups = await usage.groups({ grouping, from: from ?? FIRST, to: to ?? LAST, limit: limit + 1, after });
      return toPage(
        groups,
        limit,
        ({ keys }) => ({ at: JSON.stringify(keys), id: NO_WORKSPACE }),
        (group) => presentGroup(grouping.names, group),
      );
    },

    /** The same as rows of a file, all at once. @throws DomainError 422 `usage.too_many` */
    async file(query: Omit<UsageQuery, 'limit' | 'cursor'>): Promise<{ header: string[]; rows: Cell[][] }> {
      const { groupBy, bucket } = query;
      const { zone, from, to } = await rangeOf(query);
      const whole = <Row>(rows: Row[]): Row[] => {
        if (rows.length > MOST_FILE_ROWS)
          throw invalid('usage.too_many', `A file has at most ${MOST_FILE_ROWS} rows. Ask for a shorter time.`);
        return rows;
      };
      if (groupBy === undefined && bucket === undefined) {
        const records = whole(await usage.list(MOST_FILE_ROWS + 1, undefined, { from, to })).map(presentUsage);
        return {
          header: [...COLUMNS, 'tags'],
          rows: records.map((record) => [...COLUMNS.map((name) => record[name]), JSON.stringify(record.tags)]),
        };
      }
      const grouping = groupingOf(groupBy ?? [], bucket, zone);
      const limit = MOST_FILE_ROWS + 1;
      const groups = whole(
        await usage.groups({ grouping, from: from ?? FIRST, to: to ?? LAST, limit, after: undefined }),
      );
      return {
        header: [...grouping.names, 'records', 'inputTokens', 'cachedInputTokens', 'outputTokens', 'cost', 'charged'],
        rows: groups.map((group) => [
          ...group.keys,
          group.records,
          group.inputTokens,
          group.cachedInputTokens,
          group.outputTokens,
          group.cost,
          group.charged,
        ]),
      };
    },
  };
};
export type UsageService = ReturnType<typeof createUsageService>;
