/** The objects of Stripe's API that the fake knows, with the fields that are used. Amounts in cents. */
export interface StripeSession {
  id: string;
  object: 'checkout.session';
  mode: 'payment' | 'subscription' | 'setup';
  status: 'open' | 'complete' | 'expired';
  payment_status: 'paid' | 'unpaid' | 'no_payment_required';
  /** Null where nothing is to be paid. */
  amount_total: number | null;
  currency: string;
  /** Seconds. */
  created: number;
  url: string | null;
  customer: string | null;
  client_reference_id: string | null;
  payment_intent: string | null;
  subscription: string | null;
  setup_intent: string | null;
  metadata: Record<string, string>;
}
/** Why a card was not charged, as Stripe says it. */
export interface StripeCardProblem {
  code: string;
  decline_code?: string;
  message: string;
}
export interface StripeIntent {
  id: string;
  object: 'payment_intent';
  status: 'processing' | 'requires_payment_method' | 'succeeded' | 'canceled';
  amount: number;
  currency: string;
  customer: string | null;
  payment_method: string | null;
  /** Seconds. */
  created: number;
  last_payment_error: (Partial<StripeCardProblem> & { message: string }) | null;
  metadata: Record<string, string>;
}
interface StripeCustomer {
  id: string;
  object: 'customer';
  deleted?: true;
  metadata: Record<string, string>;
}
export interface StripeCard {
  brand: string;
  last4: string;
  exp_month: number;
  exp_year: number;
}
interface StripeMethod {
  id: string;
  object: 'payment_method';
  type: 'card';
  customer: string | null;
  card: StripeCard;
}
interface StripeSetup {
  id: string;
  object: 'setup_intent';
  status: 'succeeded';
  customer: string | null;
  payment_method: string;
}
/** What a card does when it is charged without its owner. */
export type StripeCardTemper = 'pays' | 'pays slowly' | 'has no money' | 'wants its owner' | 'has expired';
interface StripeRefund {
  id: string;
  object: 'refund';
  payment_intent: string;
  amount: number;
  currency: string;
  status: 'pending' | 'succeeded' | 'failed';
  metadata: Record<string, string>;
}
interface StripeDispute {
  id: string;
  object: 'dispute';
  payment_intent: string;
  amount: number;
  currency: string;
  status: 'warning_needs_response' | 'needs_response' | 'won' | 'lost';
}
interface StripeSubscription {
  id: string;
  object: 'subscription';
  amount: number;
  currency: string;
  customer: string | null;
  metadata: Record<string, string>;
  /** Seconds. */
  periodEnd: number;
}
interface StripeInvoice {
  id: string;
  object: 'invoice';
  status: 'open' | 'paid' | 'uncollectible';
  total: number;
  currency: string;
  parent: { subscription_details: { subscription: string; metadata: Record<string, string> } };
  lines: { object: 'list'; data: { period: { start: number; end: number } }[] };
  payments: { object: 'list'; data: { status: 'paid'; payment: { type: 'payment_intent'; payment_intent: string } }[] };
}

/** An event as it is delivered. */
export interface StripeFakeEvent {
  id: string;
  object: 'event';
  type: string;
  created: number;
  livemode: false;
  api_version: string;
  data: { object: object };
}

/** Everything the fake keeps. */
export interface StripeBook {
  sessions: Map<string, StripeSession>;
  intents: Map<string, StripeIntent>;
  refunds: Map<string, StripeRefund>;
  disputes: Map<string, StripeDispute>;
  subscriptions: Map<string, StripeSubscription>;
  invoices: Map<string, StripeInvoice>;
  customers: Map<string, StripeCustomer>;
  methods: Map<string, StripeMethod>;
  setups: Map<string, StripeSetup>;
  /** By payment method; may be changed at any time. */
  tempers: Map<string, StripeCardTemper>;
}

export const emptyBook = (): StripeBook => ({
  ...{ sessions: new Map(), intents: new Map(), refunds: new Map() },
  ...{ disputes: new Map(), subscriptions: new Map(), invoices: new Map() },
  ...{ customers: new Map(), methods: new Map(), setups: new Map(), tempers: new Map() },
});
