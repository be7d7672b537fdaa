import {
  HoldSettled,
  subscribersOf,
  type CaptureHold,
  type ChargeWallet,
  type EventEnvelope,
  type PlaceHold,
} from '@atrium/contracts';
import { invalid, type Tenant } from '@atrium/service-kit';
import type { z } from 'zod';
import { chargeEntry } from '../ledger/ledger.ts';
import type { SettledEvent } from '../ledger/ledger.commands.ts';
import type { Carried, LedgerDesk } from '../ledger/ledger.desk.ts';
import { LARGEST_AMOUNT } from '../ledger/money.ts';
import type { HoldPricing } from './hold.price.ts';
import type { ChargeView, HoldView, SettledHoldView } from './hold.schema.ts';

/** Sets money aside before it is spent, and takes or returns it afterwards. */
export const createHoldService = (parts: {
  desk: LedgerDesk;
  priceOf: HoldPricing;
  events: {
    envelope: (tenant: Tenant, holdId: string) => Omit<EventEnvelope, 'data'>;
    written: (envelope: EventEnvelope) => void;
  };
  now: () => Date;
  newId: () => string;
  holdSeconds: number;
}) => {
  const { desk, priceOf, events, now, newId, holdSeconds } = parts;

  const eventOf = (tenant: Tenant, holdId: string): SettledEvent => ({
    subscribers: subscribersOf(HoldSettled.type),
    envelope: events.envelope(tenant, holdId),
  });

  const answerOf = <View>({ body }: Carried): View => JSON.parse(body) as View;

  /** Tells of a hold that was closed: the books wrote the event, with what they know. */
  const settled = (event: SettledEvent, carried: Carried): z.input<typeof SettledHoldView> => {
    const { data } = carried.facts;
    if (data !== undefined) events.written({ ...event.envelope, data });
    return answerOf(carried);
  };

  return {
    /**
     * Holds what a run may cost at most. The same reference returns the same hold, whatever became of it.
     * @throws DomainError 402 `billing.insufficient_funds`, 422 `hold.reference_mismatch` or `hold.too_large`,
     * 503 `billing.account_opening` while the workspace is not known here yet
     */
    async place(tenant: Tenant, asked: z.output<typeof PlaceHold>): Promise<z.input<typeof HoldView>> {
      const amount = await priceOf(tenant, asked);
      if (amount > LARGEST_AMOUNT)
        throw invalid('hold.too_large', 'No balance covers that many tokens. Ask for fewer.');
      const expiresAt = new Date(now().getTime() + holdSeconds * 1000);
      const spender = {
        agentId: asked.agentId ?? null,
        userId: tenant.userId ?? null,
        apiKeyId: asked.apiKeyId ?? null,
        tags: asked.tags ?? {},
      };
      const description = `Held for ${asked.provider}/${asked.model}`;
      return answerOf(
        await desk.carryOut(
          tenant,
          { verb: 'hold', holdId: newId(), ...asked, spender, amount, expiresAt, description },
          201,
        ),
      );
    },

    /**
     * Spends of a hold, and of the wallet where the hold is too small. The rest is released, unless it is to be kept.
     * @throws DomainError 402 when hold and wallet do not have it and `overCapture` is `refuse`, 409 `hold.settled`
     */
    async capture(
      tenant: Tenant,
      holdId: string,
      { amount, keepRest, overCapture, description }: z.output<typeof CaptureHold>,
    ): Promise<z.input<typeof SettledHoldView>> {
      const event = eventOf(tenant, holdId);
      const limit = overCapture === 'limit';
      return settled(
        event,
        await desk.carryOut(tenant, {
          verb: 'capture',
          holdId,
          amount: BigInt(amount),
          keepRest,
          limit,
          description,
          event,
        }),
      );
    },

    /** Gives back what is left of a hold; one that is closed stays as it is. */
    async release(tenant: Tenant, holdId: string): Promise<z.input<typeof SettledHoldView>> {
      const event = eventOf(tenant, holdId);
      return settled(event, await desk.carryOut(tenant, { verb: 'release', holdId, description: 'Not needed', event }));
    },

    /** Gives a hold back whose time is over. */
    async expire(tenant: Tenant, holdId: string): Promise<void> {
      await desk.carryOut(tenant, { verb: 'expire', holdId, description: 'Hold expired' });
    },

    /** Spends of the wallet what nothing was held for; once a reference. */
    async charge(tenant: Tenant, asked: z.output<typeof ChargeWallet>): Promise<z.input<typeof ChargeView>> {
      const amount = BigInt(asked.amount);
      const draft = chargeEntry(asked.reference, amount, asked.description);
      return answerOf(await desk.carryOut(tenant, { verb: 'charge', draft, amount }, 201));
    },
  };
};
export type HoldService = ReturnType<typeof createHoldService>;
