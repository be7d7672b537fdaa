import { outsideWorkspaces, type Transactional } from '@atrium/service-kit';
import type Stripe from 'stripe';
import { z } from 'zod';
import { isRefused } from '../checkout/stripe.client.ts';
import { cardOf, type StripeFacts } from '../checkout/stripe.facts.ts';
import type { CardService } from '../cards/card.service.ts';
import type { PaymentFacts } from '../payment.facts.ts';
import type { PaymentService } from '../payment.service.ts';
import type { EventOutcome } from './stripe.event.store.ts';
import type { WebhookService } from './webhook.service.ts';

const OurCheckout = z.object({ workspaceId: z.uuid(), paymentId: z.uuid() });
const OurCharge = OurCheckout.extend({ automatic: z.literal('true') });
const OurCard = z.object({ workspaceId: z.uuid(), userId: z.uuid() });
const OurSubscription = z.object({
  workspaceId: z.uuid(),
  plan: z.string().min(1),
  priceCents: z.string().regex(/^\d{1,12}$/),
});

type Done = readonly [EventOutcome, string | null];
const NOT_OURS: Done = ['ignored', 'not made here'];
const NO_CARD: Done = ['ignored', 'no card was saved'];

/** Works an event off: asks Stripe how its subject stands by now, and takes the payment there. */
export const createStripeApply = (parts: {
  facts: StripeFacts;
  inbox: Transactional<WebhookService>;
  payments: Transactional<PaymentService>;
  cards: Transactional<CardService>;
  now: () => Date;
}) => {
  const { facts, inbox, payments, cards, now } = parts;

  const learn = async ({ workspaceId, paymentId }: z.output<typeof OurCheckout>, told: PaymentFacts): Promise<Done> => {
    const known = await payments.run({ workspaceId }, (service) => service.learn(paymentId, told));
    if (!known) throw new Error(`payment ${paymentId} is not here yet`);
    return ['applied', null];
  };

  const applySetup = async (session: Stripe.Checkout.Session): Promise<Done> => {
    const ours = OurCard.safeParse(session.metadata);
    if (!ours.success) return NOT_OURS;
    const { workspaceId, userId } = ours.data;
    const card = cardOf(session);
    if (!card) return NO_CARD;
    const begun = { sessionId: session.id, begunAt: new Date(session.created * 1000) };
    const saved = { ...card, savedBy: userId, savedAt: now() };
    await cards.run({ workspaceId }, (service) => service.save(saved, begun));
    return ['applied', null];
  };

  /** @throws Error when the payment is not written yet: the job tries again */
  const applySession = async (id: string): Promise<Done> => {
    const session = await facts.session(id);
    if (session.mode === 'setup') return applySetup(session);
    const ours = OurCheckout.safeParse(session.metadata);
    if (!ours.success) return NOT_OURS;
    return learn(ours.data, await facts.ofSession(session));
  };

  const periodOf = ({ lines }: Stripe.Invoice) => {
    const period = lines.data.at(-1)?.period;
    return period && { periodStart: new Date(period.start * 1000), periodEnd: new Date(period.end * 1000) };
  };

  const applyInvoice = async (id: string): Promise<Done> => {
    const invoice = await facts.invoice(id);
    const ours = OurSubscription.safeParse(invoice.parent?.subscription_details?.metadata);
    const period = periodOf(invoice);
    if (!ours.success || !period) return NOT_OURS;
    const { workspaceId, plan, priceCents } = ours.data;
    const told = await facts.ofInvoice(invoice);
    const bought = { plan, price: BigInt(priceCents), ...period };
    await payments.run({ workspaceId }, (service) => service.learnInvoice(id, bought, told));
    return ['applied', null];
  };

  const apply = async (subject: string): Promise<Done> => {
    if (subject.startsWith('cs_')) return applySession(subject);
    if (subject.startsWith('in_')) return applyInvoice(subject);
    const intent = await facts.intent(subject);
    const charge = OurCharge.safeParse(intent.metadata);
    if (charge.success) return learn(charge.data, await facts.ofIntent(intent));
    const { sessionId, invoiceId } = await facts.madeFor(subject);
    if (sessionId !== null) return applySession(sessionId);
    return invoiceId === null ? NOT_OURS : applyInvoice(invoiceId);
  };

  return async (eventId: string): Promise<void> => {
    const nobody = outsideWorkspaces();
    const subject = await inbox.read(nobody, (service) => service.subject(eventId));
    if (subject === undefined) return;
    const [outcome, note] = await apply(subject).catch((error: unknown): Done => {
      if (isRefused(error)) return ['failed', `Stripe refused: ${error.message}`];
      throw error;
    });
    await inbox.run(nobody, (service) => service.close(eventId, outcome, note));
  };
};
export type StripeApply = ReturnType<typeof createStripeApply>;
