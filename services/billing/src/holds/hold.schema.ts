import { ChargeView as Charge, HoldView as Hold, SettledHoldView as SettledHold } from '@atrium/contracts';

export const HoldView = Hold.meta({ id: 'BillingHold' });
export const SettledHoldView = SettledHold.meta({ id: 'BillingSettledHold' });
export const ChargeView = Charge.meta({ id: 'BillingCharge' });
