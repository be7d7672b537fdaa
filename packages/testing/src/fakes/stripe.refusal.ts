import { randomBytes } from 'node:crypto';

/** Stripe's way of refusing. */
export class StripeRefusal extends Error {
  override readonly name = 'StripeRefusal';
  readonly status: number;
  /** What stands under `error` in the answer. */
  readonly error: Readonly<Record<string, unknown>>;
  constructor(status: number, code: string, message: string, more: object = {}) {
    super(message);
    this.status = status;
    this.error = { type: 'invalid_request_error', code, message, ...more };
  }
}

export const stripeId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`;
export const seconds = (): number => Math.floor(Date.now() / 1000);
export const missing = (what: string): never => {
  throw new StripeRefusal(404, 'resource_missing', `No such ${what}`);
};
export const bad = (code: string, message: string): never => {
  throw new StripeRefusal(400, code, message);
};
export const list = (data: object[]) => ({ object: 'list', data, has_more: false, url: '/v1' });
