import {
  conflict,
  currentContext,
  DomainError,
  invalid,
  keyInProgress,
  keyMismatch,
  notFound,
  NO_WORKSPACE,
  Replay,
  unavailable,
  type Tenant,
} from '@atrium/service-kit';
import type { GroupCommit } from './group.commit.ts';
import type { LedgerCommand, Order, Outcome } from './ledger.commands.ts';
import { inWords, toWire } from './money.ts';

/** 402: what it takes, what there is, and what is missing; micro-units. */
export const insufficientFunds = (required: bigint, available: bigint): DomainError =>
  new DomainError(
    'billing.insufficient_funds',
    402,
    `This takes ${inWords(required)}, and the balance is ${inWords(available)}. Add credit and try again.`,
    {
      extra: { required: toWire(required), available: toWire(available), missing: toWire(required - available) },
    },
  );

export const accountOpening = (): DomainError =>
  unavailable('billing.account_opening', "The workspace's account is being opened. Try again shortly.");

/** What a refusal means to whoever asked. */
export const refusalOf = ({ outcome, facts }: Outcome, command: LedgerCommand): DomainError => {
  const thing = 'draft' in command ? 'reference' : 'hold';
  switch (outcome) {
    case 'in_progress':
      return keyInProgress();
    case 'mismatch':
      return keyMismatch();
    case 'unopened':
      return accountOpening();
    case 'not_found':
      return notFound('hold', 'holdId' in command ? command.holdId : '');
    case 'reference_mismatch':
      return invalid(
        thing === 'hold' ? 'hold.reference_mismatch' : 'entry.reference_mismatch',
        thing === 'hold'
          ? 'This reference was used for a hold of another model or size.'
          : 'This reference was booked with another amount.',
      );
    case 'settled':
      return conflict(
        'hold.settled',
        `This hold is ${String(facts?.['status'])}; ${String(facts?.['captured'])} micro-units were captured.`,
      );
    case 'insufficient':
      return insufficientFunds(BigInt(String(facts?.['required'])), BigInt(String(facts?.['available'])));
    case 'too_large':
      return invalid('billing.amount_too_large', 'No account can hold that much.');
    default:
      return conflict('entry.already_booked', 'This was booked before.');
  }
};

/** What a command returned: its answer as JSON text, and facts of the books about it. */
export interface Carried {
  readonly body: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** It was booked before: this time nothing moved. */
  readonly before: boolean;
}

export const lasting = (outcome: Outcome): Carried | undefined =>
  (outcome.outcome === 'done' || outcome.outcome === 'booked') && outcome.body !== null
    ? { body: outcome.body, facts: outcome.facts ?? {}, before: outcome.outcome === 'booked' }
    : undefined;

/**
 * Takes single commands to the books. Each goes with others of its moment in one statement, which also takes and
 * records the Idempotency-Key of its request.
 * @param open opens the accounts of a workspace that lacks some of them
 * @param lowBalance below this a balance is low; micro-units
 * @param watched carries a command out where budgets, credit that expires, top-ups or a low balance are to be seen to:
 * in a transaction that takes the Idempotency-Key by itself
 */
export const createLedgerDesk = (parts: {
  commits: GroupCommit<Order, Outcome>;
  open: (tenant: Tenant) => Promise<void>;
  lowBalance: bigint;
  watched: (tenant: Tenant, command: LedgerCommand) => Promise<Carried>;
}) => ({
  /**
   * @param status of the answer when it is done
   * @throws Replay with the first answer of the key; DomainError when it is refused
   */
  async carryOut(tenant: Tenant, command: LedgerCommand, status = 200): Promise<Carried> {
    const context = currentContext();
    if (context?.inTransaction) throw new Error('a command was taken to the books from inside a transaction');
    const keyed = context?.command?.claimed === false ? context.command : undefined;
    const order: Order = {
      workspaceId: tenant.workspaceId,
      userId: tenant.userId ?? NO_WORKSPACE,
      keyed: keyed && { key: keyed.key, operation: keyed.operation, fingerprint: keyed.fingerprint },
      status,
      watch: parts.lowBalance,
      command,
    };
    let outcome = await parts.commits.submit(order);
    if (outcome.outcome === 'account_missing') {
      await parts.open(tenant);
      outcome = await parts.commits.submit(order);
    }
    if (outcome.outcome === 'watched') return parts.watched(tenant, command);
    if (outcome.outcome === 'replay') throw new Replay(outcome.status, outcome.body ?? '');
    const carried = lasting(outcome);
    if (!carried) throw refusalOf(outcome, command);
    if (keyed) {
      keyed.claimed = true;
      keyed.answer = { status, body: carried.body };
    }
    return carried;
  },
});
export type LedgerDesk = ReturnType<typeof createLedgerDesk>;
