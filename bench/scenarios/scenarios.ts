import type { Scenario } from '../harness/scenario.ts';
import { authLogin } from './auth/login.scenario.ts';
import { authRefresh } from './auth/refresh.scenario.ts';
import { authVerify } from './auth/verify.scenario.ts';
import { boot } from './boot/boot.scenario.ts';
import { events } from './events/events.scenario.ts';
import { gateway } from './gateway/gateway.scenario.ts';
import { gatewayShortcut } from './gateway/shortcut.scenario.ts';
import { ledgerHot } from './ledger/hot.scenario.ts';
import { ledgerSpread } from './ledger/spread.scenario.ts';

/** Every scenario, in the order they are run. */
export const scenarios: readonly Scenario[] = [
  events,
  gateway,
  gatewayShortcut,
  authLogin,
  authRefresh,
  authVerify,
  ledgerSpread,
  ledgerHot,
  boot,
];
