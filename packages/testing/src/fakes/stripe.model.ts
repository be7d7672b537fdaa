/** The objects of Stripe's API that the fake knows, with the fields that are used. Amounts in cents. */
export interface StripeSession {
  id: string;
  object: 'checkout.session';
  mode: 'payment' | 'subscription';
  status: 'open' | 'complete' | 'expired';
  payment_status: 'paid' | 'unpaid';
  amount_total: number;
  currency: string;
  url: string | null;
  customer: string | null;
  client_reference_id: string | null;
  payment_intent: string | null;
  subscription: string | null;
  metadata: Record<string, string>;
}
export interface StripeIntent {
  id: string;
  object: 'payment_intent';
  status: 'processing' | 'requires_payment_method' | 'succeeded';
  amount: number;
  currency: string;
  last_payment_error: { message: string } | null;
  metadata: Record<string, string>;
}
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
}
