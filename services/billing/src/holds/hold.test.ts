import { describe, expect, it } from '@jest/globals';
import { amountToHold, planSettlement, type HoldStatus } from './hold.ts';

describe('the amount to hold', () => {
  it.each([
    [0n, 1n],
    [1n, 1n],
    [250n, 250n],
  ])('for a price of %s is %s', (price, amount) => {
    expect(amountToHold(price)).toBe(amount);
  });
});

describe('a settlement', () => {
  const plan = (status: HoldStatus, wallet: bigint, cost: bigint) =>
    planSettlement({ status, amount: 100n }, wallet, cost);

  it.each<[string, HoldStatus, bigint, bigint, object]>([
    [
      'below the hold',
      'open',
      50n,
      30n,
      { status: 'captured', fromHeld: 30n, fromWallet: 0n, captured: 30n, released: 70n, uncovered: 0n },
    ],
    [
      'of the whole hold',
      'open',
      50n,
      100n,
      { status: 'captured', fromHeld: 100n, fromWallet: 0n, captured: 100n, released: 0n, uncovered: 0n },
    ],
    [
      'of nothing',
      'open',
      50n,
      0n,
      { status: 'released', fromHeld: 0n, fromWallet: 0n, captured: 0n, released: 100n, uncovered: 0n },
    ],
    [
      'above the hold that the wallet covers',
      'open',
      50n,
      140n,
      { status: 'captured', fromHeld: 100n, fromWallet: 40n, captured: 140n, released: 0n, uncovered: 0n },
    ],
    [
      'above the hold and the wallet',
      'open',
      50n,
      170n,
      { status: 'captured', fromHeld: 100n, fromWallet: 50n, captured: 150n, released: 0n, uncovered: 20n },
    ],
    [
      'of an expired hold',
      'expired',
      50n,
      30n,
      { status: 'captured', fromHeld: 0n, fromWallet: 30n, captured: 30n, released: 0n, uncovered: 0n },
    ],
    [
      'of an expired hold and an empty wallet',
      'expired',
      0n,
      30n,
      { status: 'released', fromHeld: 0n, fromWallet: 0n, captured: 0n, released: 0n, uncovered: 30n },
    ],
  ])('%s', (_name, status, wallet, cost, expected) => {
    expect(plan(status, wallet, cost)).toEqual(expected);
  });

  it.each<HoldStatus>(['captured', 'released'])('happens once: a hold that is %s is left alone', (status) => {
    expect(plan(status, 50n, 30n)).toBeUndefined();
  });
});
