import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { withDatabase } from '../platform/database.access.ts';

const PROBLEMS = {
  changed: 'was changed',
  missing: 'does not follow the one before: records are missing',
  unlinked: 'does not carry the hash of the one before',
  cut_off: 'should be there: the end of the log was cut off or its head was changed',
};

/** Walks the chains of the audit logs; ends with 1 at the first break of any of them. */
export const audit: Command = async (context, args) => {
  if (args.join(' ') !== 'verify') throw new LauncherError('Say what to do', './atrium audit verify');
  const { verifyAudit } = await import('@atrium/service-kit');
  const schemas = context.table.flatMap(({ schema }) => (schema ? [schema] : []));
  const { records, chains, breaks } = await withDatabase(context, (adminUrl) => verifyAudit({ adminUrl, schemas }));
  for (const { schema, workspaceId, sequence, problem } of breaks) {
    context.terminal.print(
      `BROKEN  ${schema}, workspace ${workspaceId}: record ${sequence} ${PROBLEMS[problem]} (${problem})`,
    );
  }
  const counted = `${records} records in ${chains} chains`;
  context.terminal.print(breaks.length > 0 ? `${breaks.length} broken of ${counted}` : `${counted} hold`);
  return breaks.length > 0 ? 1 : 0;
};
