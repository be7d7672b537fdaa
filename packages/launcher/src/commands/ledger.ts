import type { Command } from '../command.ts';
import { LauncherError } from '../failure.ts';
import { withDatabase } from '../platform/database.access.ts';

const PROBLEMS = {
  changed: 'or one after it in its batch was changed',
  missing: 'should follow here: entries or links are missing',
  unlinked: 'does not carry the hash of the batch before',
  unchained: 'is in no batch: it was not booked by the service',
  cut_off: 'is where the journal should end: its end was cut off or its head was changed',
};

/** Proves the books of every workspace; ends with 1 when one of them does not hold. */
export const ledger: Command = async (context, args) => {
  if (args.join(' ') !== 'verify') throw new LauncherError('Say what to do', './atrium ledger verify');
  const { verifyLedger } = await import('@atrium/billing/ledger');
  const { entries, batches, workspaces, unbalanced, breaks } = await withDatabase(context, (adminUrl) =>
    verifyLedger({ adminUrl }),
  );
  for (const { workspaceId, seq, problem } of breaks)
    context.terminal.print(`BROKEN  workspace ${workspaceId}: entry ${seq} ${PROBLEMS[problem]} (${problem})`);
  for (const workspaceId of unbalanced)
    context.terminal.print(`BROKEN  workspace ${workspaceId}: its balances are not the sums of its postings`);
  const broken = breaks.length + unbalanced.length;
  const counted = `${entries} entries in ${batches} batches of ${workspaces} workspaces`;
  context.terminal.print(broken > 0 ? `${broken} broken of ${counted}` : `${counted} hold`);
  return broken > 0 ? 1 : 0;
};
