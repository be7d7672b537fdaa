import type { EventDefinition } from './event.ts';
import { ConversationCreated, MessageCreated, RunCompleted, RunFailed } from './events/agent.events.ts';
import { EmailVerified, PasskeyCopied, SessionReuseDetected, UserRegistered } from './events/auth.events.ts';
import { HoldSettled } from './events/billing.events.ts';
import { CalendarEventCreated } from './events/calendar.events.ts';
import { DocumentDeleted, VersionFailed, VersionProcessed, VersionUploaded } from './events/document.events.ts';
import {
  BalanceExhausted,
  BalanceLow,
  BudgetReached,
  DocumentUsageMeasured,
  EntitlementsChanged,
} from './events/spending.events.ts';
import { ErasureRequested, erasureReports } from './events/erasure.events.ts';
import { InvoiceIssued, PaymentFailed, PaymentSucceeded } from './events/payment.events.ts';
import { MemberJoined, MemberRemoved, WorkspaceCreated } from './events/workspace.events.ts';

/** The services that can publish or subscribe. */
export const serviceNames = ['auth', 'agent-orchestrator', 'document', 'billing', 'calendar'] as const;
export type ServiceName = (typeof serviceNames)[number];

/**
 * Every event and who is told of it. The outbox writes one delivery for each subscriber named here, and a service
 * refuses to start unless it handles exactly the events that name it.
 */
export const subscriptions: readonly { event: EventDefinition; subscribers: readonly ServiceName[] }[] = [
  { event: UserRegistered, subscribers: ['agent-orchestrator', 'billing', 'calendar'] },
  { event: WorkspaceCreated, subscribers: ['agent-orchestrator', 'billing', 'calendar'] },
  { event: MemberJoined, subscribers: ['calendar'] },
  { event: MemberRemoved, subscribers: [] },
  { event: EmailVerified, subscribers: [] },
  { event: SessionReuseDetected, subscribers: [] },
  { event: PasskeyCopied, subscribers: [] },
  { event: VersionUploaded, subscribers: [] },
  { event: VersionProcessed, subscribers: [] },
  { event: VersionFailed, subscribers: [] },
  { event: DocumentDeleted, subscribers: [] },
  { event: ConversationCreated, subscribers: [] },
  { event: MessageCreated, subscribers: [] },
  { event: RunCompleted, subscribers: ['billing'] },
  { event: RunFailed, subscribers: ['billing'] },
  { event: CalendarEventCreated, subscribers: [] },
  { event: HoldSettled, subscribers: ['agent-orchestrator'] },
  { event: BalanceLow, subscribers: [] },
  { event: BalanceExhausted, subscribers: [] },
  { event: BudgetReached, subscribers: [] },
  { event: EntitlementsChanged, subscribers: ['agent-orchestrator', 'document'] },
  { event: DocumentUsageMeasured, subscribers: ['billing'] },
  { event: PaymentSucceeded, subscribers: [] },
  { event: PaymentFailed, subscribers: [] },
  { event: InvoiceIssued, subscribers: [] },
  { event: ErasureRequested, subscribers: serviceNames },
  ...serviceNames.flatMap((name) => [
    { event: erasureReports[name].progressed, subscribers: ['auth' as const] },
    { event: erasureReports[name].completed, subscribers: ['auth' as const] },
  ]),
];

/** The subscribers of an event type. */
export const subscribersOf = (type: string): readonly ServiceName[] =>
  subscriptions.find(({ event }) => event.type === type)?.subscribers ?? [];
