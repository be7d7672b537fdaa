import { describe, expect, it } from '@jest/globals';
import { passkeySettings } from './passkey.settings.ts';

const none = { rpId: undefined, origins: [], corsOrigins: [] };

describe('where passkeys work', () => {
  it('is localhost on a machine of one’s own, since browsers take no address', () => {
    const settings = passkeySettings({ ...none, appUrl: 'http://127.0.0.1:8000' });
    expect(settings).toEqual({ rpId: 'localhost', origins: ['http://localhost:8000'] });
  });

  it('is the app, and those of the listed origins that are below its domain', () => {
    const corsOrigins = ['https://www.example.com', 'https://example.com.evil.test', 'http://dev.example.com', '*'];
    const settings = passkeySettings({ ...none, appUrl: 'https://example.com/app', corsOrigins });
    expect(settings).toEqual({ rpId: 'example.com', origins: ['https://example.com', 'https://www.example.com'] });
  });

  it('is what is set', () => {
    const origins = ['https://app.example.com/', 'android:apk-key-hash:abc'];
    const settings = passkeySettings({
      appUrl: 'http://10.0.0.7',
      rpId: 'example.com',
      origins,
      corsOrigins: ['https://x.example.com'],
    });
    expect(settings?.origins).toEqual(['https://app.example.com', 'android:apk-key-hash:abc']);
  });

  it('is nowhere without a domain or without https', () => {
    expect(passkeySettings({ ...none, appUrl: 'https://10.0.0.7' })).toBeUndefined();
    expect(passkeySettings({ ...none, appUrl: 'https://[2001:db8::1]' })).toBeUndefined();
    expect(passkeySettings({ ...none, appUrl: 'http://atrium.example.com' })).toBeUndefined();
  });

  it('is never at an origin that no browser would let', () => {
    for (const origin of ['https://evil.test', 'http://example.com', 'https://notexample.com', 'nonsense'])
      expect(() => passkeySettings({ ...none, appUrl: 'https://example.com', origins: [origin] })).toThrow(origin);
  });
});
