import { describe, expect, it } from '@jest/globals';
import { erasedPart, requestErasure } from '@atrium/testing';
import { service as billing } from '../src/service.ts';
import { createCardHolders } from './fixtures/card.fixture.ts';
import { usePayments } from './fixtures/payment.fixture.ts';

const stage = usePayments();
const holders = createCardHolders(stage);
const methods = async (...[anna]: Parameters<typeof holders.rule>) =>
  (await stage.payments.get(anna, 'payment-methods')).body;

describe('a saved card', () => {
  it('is saved at Stripe and shown by brand, last digits and end', async () => {
    const anna = await stage.people.customer();
    expect(await methods(anna)).toMatchObject({ automaticTopUps: true, card: null });
    const method = await holders.saveCard(anna);
    const { card } = await methods(anna);
    expect(card).toEqual({
      ...{ brand: 'visa', last4: '4242', expMonth: 12, expYear: 2034, expired: false },
      savedAt: expect.stringMatching(/Z$/),
    });
    expect(JSON.stringify(await methods({ ...anna, role: 'viewer' }))).not.toContain(method);
  });

  it('that is over is said to be', async () => {
    const anna = await stage.people.customer();
    const session = await holders.beginCard(anna);
    await stage.told(() => stage.stripe.saveCard(session, 'pays', { exp_month: 10, exp_year: 2026 }));
    const at = Date.now() >= Date.UTC(2026, 10, 1);
    expect((await methods(anna))['card']).toMatchObject({ expMonth: 10, expired: at });
  });

  it('is replaced by the next, which Stripe forgets the first for', async () => {
    const anna = await stage.people.customer();
    const [first, second] = [await holders.saveCard(anna), await holders.saveCard(anna)];
    await stage.payments.idle();
    expect([first, second].map((id) => stage.stripe.book.methods.get(id)?.customer === null)).toEqual([true, false]);
    const own = [...stage.stripe.book.customers.values()].filter(
      ({ metadata }) => metadata['workspaceId'] === anna.workspaceId,
    );
    expect(own).toHaveLength(1);
  });

  it('is the one of the later checkout, in whatever order they are told of', async () => {
    const anna = await stage.people.customer();
    const [early, late] = [await holders.beginCard(anna), await holders.beginCard(anna)];
    stage.stripe.sessionOf(late).created += 5;
    await stage.told(() => stage.stripe.saveCard(late, 'pays', { last4: '2222' }));
    await stage.told(() => stage.stripe.saveCard(early, 'pays', { last4: '1111' }));
    expect((await methods(anna))['card']).toMatchObject({ last4: '2222' });
  });

  it('is removed here and at Stripe, and does not come back when its checkout is told of again', async () => {
    const anna = await stage.people.customer();
    const mark = stage.stripe.events.length;
    const method = await holders.saveCard(anna);
    for (const _ of [1, 2]) expect((await stage.payments.call(anna, 'delete', 'payment-methods')).status).toBe(204);
    await stage.payments.idle();
    expect(stage.stripe.book.methods.get(method)?.customer).toBeNull();
    const again = stage.stripe.events
      .slice(mark)
      .find(({ type, data }) => type === 'checkout.session.completed' && 'setup_intent' in data.object);
    expect((await stage.stripe.deliver(stage.hook(), { ...again, id: `${again?.id}again` })).status).toBe(200);
    await stage.payments.idle();
    expect((await methods(anna))['card']).toBeNull();
  });

  it('is saved and removed by administrators only', async () => {
    const anna = await holders.holder();
    const member = { ...anna, role: 'member' as const };
    expect((await stage.payments.call(member, 'post', 'payment-methods')).status).toBe(403);
    expect((await stage.payments.call(member, 'delete', 'payment-methods')).status).toBe(403);
    expect((await methods(anna))['card']).not.toBeNull();
    const foreign = await stage.people.customer();
    expect((await stage.payments.call(foreign, 'delete', 'payment-methods')).status).toBe(204);
    expect((await methods(anna))['card']).not.toBeNull();
  });

  it('of a checkout that nobody made here, or that names no card, is ignored', async () => {
    const anna = await stage.people.customer();
    const session = await holders.beginCard(anna);
    await stage.told(() => stage.stripe.expire(session));
    const other = await holders.beginCard(anna);
    stage.stripe.sessionOf(other).metadata = {};
    await stage.told(() => stage.stripe.saveCard(other));
    expect((await methods(anna))['card']).toBeNull();
    const rows = await stage.service.database.query<{ note: string }>(
      `select note from billing.stripe_events where subject in ($1, $2) order by note`,
      [session, other],
    );
    expect(rows).toEqual([{ note: 'no card was saved' }, { note: 'not made here' }]);
  });
});

describe('an erasure', () => {
  it('of a workspace removes its customer and card, at Stripe as well', async () => {
    const anna = await holders.holder();
    const customerOf = () =>
      [...stage.stripe.book.customers.values()].find(({ metadata }) => metadata['workspaceId'] === anna.workspaceId);
    const id = await requestErasure(billing, stage.service, { userId: anna.userId, workspaces: [anna.workspaceId] });
    // Stripe does not answer at first, and nothing is forgotten for that.
    Object.assign(stage.stripe.trouble, { fault: '500', times: 4 });
    const { erased } = await erasedPart(billing, stage.service, id);
    expect(erased).toMatchObject({ payment_cards: 1, billing_profiles: 1, customers_at_stripe: 1, cards_at_stripe: 1 });
    expect(customerOf()?.deleted).toBe(true);
  }, 60_000);

  it('of a person removes the card that they saved, and nobody else’s', async () => {
    const [anna, bruno] = [await holders.holder(), await holders.holder()];
    const carla = { ...anna, userId: bruno.userId };
    const id = await requestErasure(billing, stage.service, {
      userId: bruno.userId,
      shared: [anna.workspaceId, bruno.workspaceId],
    });
    await erasedPart(billing, stage.service, id);
    expect((await methods(carla))['card']).not.toBeNull();
    expect((await methods({ ...bruno, userId: anna.userId }))['card']).toBeNull();
  }, 60_000);
});
