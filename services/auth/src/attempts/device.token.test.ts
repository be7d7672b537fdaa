import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createDeviceTokens, DEVICE_SECONDS } from './device.token.ts';

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const setUp = () => {
  const clock = { now: new Date('2026-01-01T00:00:00Z') };
  const key = newKey();
  return { clock, key, devices: createDeviceTokens(key, () => clock.now) };
};

describe('device tokens', () => {
  it('name a device for the account they were issued to, on every replica', () => {
    const { key, devices, clock } = setUp();
    const token = devices.issue('ana@example.com');
    const name = devices.read(token, 'ana@example.com');
    expect(name).toMatch(/^[\w-]{22}$/);
    expect(createDeviceTokens(key, () => clock.now).read(token, 'ana@example.com')).toBe(name);
    expect(devices.read(devices.issue('ana@example.com'), 'ana@example.com')).not.toBe(name);
    expect(token).not.toContain('ana');
  });

  it('are worth nothing for another account, under another key, changed, or after 180 days', () => {
    const { devices, clock } = setUp();
    const token = devices.issue('ana@example.com');
    const [device = '', issued = '', signature = ''] = token.split('.');
    const younger = (parseInt(issued, 36) + 1).toString(36);
    expect(devices.read(token, 'bea@example.com')).toBeUndefined();
    expect(createDeviceTokens(newKey(), () => clock.now).read(token, 'ana@example.com')).toBeUndefined();
    for (const forged of [
      ...['', 'x', `${token}x`, `${device}.${younger}.${signature}`, `${'A'.repeat(22)}.${issued}.${signature}`],
      ...[`${device}.${issued}.${'A'.repeat(43)}`, `${device}.${issued}`],
    ])
      expect(devices.read(forged, 'ana@example.com')).toBeUndefined();
    clock.now = new Date(clock.now.getTime() + (DEVICE_SECONDS - 1) * 1000);
    expect(devices.read(token, 'ana@example.com')).toBeDefined();
    clock.now = new Date(clock.now.getTime() + 1000);
    expect(devices.read(token, 'ana@example.com')).toBeUndefined();
  });
});
