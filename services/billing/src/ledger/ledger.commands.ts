import type { EventEnvelope, SpendingTags } from '@atrium/contracts';
import type { EntryDraft } from './ledger.ts';
import { toWire } from './money.ts';

/** For whom money is spent; kept with the hold. */
interface Spender {
  readonly agentId: string | null;
  readonly userId: string | null;
  readonly apiKeyId: string | null;
  readonly tags: SpendingTags;
}

/** Sets `amount` aside for a run. */
interface HoldCommand {
  readonly verb: 'hold';
  readonly holdId: string;
  readonly reference: string;
  readonly provider: string;
  readonly model: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  readonly spender: Spender;
  readonly amount: bigint;
  readonly expiresAt: Date;
  readonly description: string;
}

/** What is told when a hold is closed; the books fill in the data. */
export interface SettledEvent {
  readonly subscribers: readonly string[];
  readonly envelope: Omit<EventEnvelope, 'data'>;
}

interface CaptureCommand {
  readonly verb: 'capture';
  readonly holdId: string;
  readonly amount: bigint;
  readonly keepRest: boolean;
  readonly limit: boolean;
  readonly description?: string | undefined;
  readonly event: SettledEvent;
}

interface ReleaseCommand {
  readonly verb: 'release' | 'expire';
  readonly holdId: string;
  readonly description: string;
  readonly event?: SettledEvent;
}

/** Any entry; `charge` answers what is booked already with the same entry, `entry` says that it is. */
export interface EntryCommand {
  readonly verb: 'charge' | 'entry';
  readonly draft: EntryDraft;
  /** The amount that the answer names. */
  readonly amount: bigint;
}

export type LedgerCommand = HoldCommand | CaptureCommand | ReleaseCommand | EntryCommand;

/** The Idempotency-Key of the request that a command came with. */
interface KeyedRequest {
  readonly key: string;
  readonly operation: string;
  readonly fingerprint: string;
}

/** A command with whose it is, as a batch carries it. */
export interface Order {
  readonly workspaceId: string;
  readonly userId: string;
  readonly keyed: KeyedRequest | undefined;
  /** HTTP status of the answer; kept with the key. */
  readonly status: number;
  /**
   * Of an order that comes alone: below how much unspent money a balance is low, where the workspace set nothing else.
   * Such an order is refused as `watched` where more has to happen than moving money. Absent: whoever gives the order
   * sees to that in the same transaction.
   */
  readonly watch?: bigint;
  readonly command: LedgerCommand;
}

/** How one command ended. */
export interface Outcome {
  readonly ord: number;
  readonly outcome:
    | 'done'
    | 'booked'
    | 'replay'
    | 'in_progress'
    | 'mismatch'
    | 'unopened'
    | 'watched'
    | 'not_found'
    | 'reference_mismatch'
    | 'settled'
    | 'insufficient'
    | 'account_missing'
    | 'too_large';
  readonly status: number;
  /** The answer as JSON text. */
  readonly body: string | null;
  readonly facts: Readonly<Record<string, unknown>> | null;
}

/** Two orders that touch the same thing cannot be in one batch: the second is decided by what the first left. */
export const touchedBy = ({ workspaceId, userId, keyed, command }: Order): string[] => {
  const key = keyed ? [`key ${workspaceId} ${userId} ${keyed.key}`] : [];
  if (command.verb === 'hold') return [...key, `hold ${workspaceId} ${command.reference}`];
  if ('draft' in command) return [...key, `${command.draft.kind} ${workspaceId} ${command.draft.reference}`];
  return [...key, command.holdId];
};

const entryFields = ({ draft, amount }: EntryCommand): Record<string, unknown> => {
  const postings = draft.postings.toSorted((one, other) => (one.account < other.account ? -1 : 1));
  return {
    kind: draft.kind,
    reference: draft.reference,
    description: draft.description,
    accs: postings.map(({ account }) => account),
    amts: postings.map((posting) => toWire(posting.amount)),
    amount: toWire(amount),
  };
};

const fieldsOf = (command: LedgerCommand): Record<string, unknown> => {
  switch (command.verb) {
    case 'hold':
      return {
        kind: 'hold',
        hold: command.holdId,
        reference: command.reference,
        provider: command.provider,
        model: command.model,
        input: command.maxInputTokens,
        output: command.maxOutputTokens,
        agent: command.spender.agentId,
        person: command.spender.userId,
        api_key: command.spender.apiKeyId,
        tags: command.spender.tags,
        amount: toWire(command.amount),
        expires: command.expiresAt,
        description: command.description,
      };
    case 'capture':
      return {
        hold: command.holdId,
        amount: toWire(command.amount),
        keep: command.keepRest,
        limit: command.limit,
        description: command.description,
        event: command.event,
      };
    case 'release':
    case 'expire':
      return { hold: command.holdId, description: command.description, event: command.event };
    case 'charge':
    case 'entry':
      return entryFields(command);
  }
};

/** Rows as `ledger_apply` reads them. */
export const encodeOrders = (orders: readonly Order[], newId: () => string): string =>
  JSON.stringify(
    orders.map(({ workspaceId, userId, keyed, status, watch, command }, ord) => ({
      ord,
      verb: command.verb,
      w: workspaceId,
      u: userId,
      ...keyed,
      answer: status,
      ...(watch === undefined ? {} : { watch: toWire(watch) }),
      id: newId(),
      ...(command.verb === 'capture' ? { id2: newId() } : {}),
      ...fieldsOf(command),
    })),
  );
