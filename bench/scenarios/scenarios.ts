import type { Scenario } from '../harness/scenario.ts';
import { authLogin } from './auth/login.scenario.ts';
import { authRefresh } from './auth/refresh.scenario.ts';
import { authVerify } from './auth/verify.scenario.ts';
import { boot } from './boot/boot.scenario.ts';
import { events } from './events/events.scenario.ts';
import { gateway } from './gateway/gateway.scenario.ts';

/** Every scenario, in the order they are run. */
export const scenarios: readonly Scenario[] = [events, gateway, authLogin, authRefresh, authVerify, boot];
