import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@atrium/testing';
import { playJourney } from '../../src/demo/journey.ts';
import { createNarrator } from '../../src/demo/narrator.ts';
import { startPlatformUnderTest, type PlatformUnderTest } from './platform.fixture.ts';

let platform: PlatformUnderTest;
beforeAll(async () => {
  platform = await startPlatformUnderTest();
}, 180_000);
afterAll(() => platform.close());

describe('through the gateway', () => {
  it('somebody signs up, is answered from a document, books a meeting and sees what it cost', async () => {
    const told: string[] = [];
    await playJourney(
      platform.gateway,
      createNarrator((text) => void told.push(text)),
    );
    const tale = told.join('');
    expect(tale).toContain('[run.completed]');
    expect(tale).not.toMatch(/"accessToken":"[^"…]{20}/);
  });

  it('every service is ready', async () => {
    const answer = await fetch(`${platform.gateway}/health`);
    expect(answer.status).toBe(200);
    const text = await answer.text();
    for (const name of ['auth', 'agent-orchestrator', 'document', 'billing', 'calendar']) expect(text).toContain(name);
  });

  it('every event that was written has been acknowledged', async () => {
    for (const schema of ['auth', 'agent', 'document', 'billing', 'calendar']) {
      const open = (): Promise<object[]> =>
        platform.database.query(`select type, subscriber, last_error from ${schema}.outbox`);
      // The last one may still be on its way.
      await eventually(async () => (await open()).length === 0, 5_000).catch(() => undefined);
      expect({ schema, open: await open() }).toEqual({ schema, open: [] });
    }
  });
});
