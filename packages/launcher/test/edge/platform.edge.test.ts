import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGate, startFakeOpenAi, type FakeOpenAi } from '@atrium/testing';
import { playJourney } from '../../src/demo/journey.ts';
import { createNarrator } from '../../src/demo/narrator.ts';
import { signUp, startPlatformUnderTest, type PlatformUnderTest } from '../e2e/platform.fixture.ts';
import { nginxProgram, startEdge, type Edge } from './nginx.fixture.ts';

const program = nginxProgram();

(program ? describe : describe.skip)('the platform behind nginx', () => {
  let platform: PlatformUnderTest;
  let model: FakeOpenAi;
  let edge: Edge;
  beforeAll(async () => {
    model = await startFakeOpenAi();
    const models = { OPENAI_BASE_URL: model.baseUrl, EMBEDDING_MODEL: 'builtin', DEFAULT_MODEL: 'fake-model' };
    platform = await startPlatformUnderTest(models, { TRUST_PROXY: 'loopback' });
    edge = await startEdge(program ?? '', new URL(platform.gateway).host);
  }, 180_000);
  afterAll(async () => {
    await edge.stop();
    await platform.close();
    await model.close();
  });

  it('brings the first words before the model has said the last', async () => {
    const gate = createGate();
    model.script([{ chunks: ['First', ' and', ' last.'], gate }]);
    const { accessToken } = await signUp(edge.url, 'ana');
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(`${edge.url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await answer.json()) as { id: string; run: { id: string } };
    };
    const { id } = await post('/conversations', {});
    const { run } = await post(`/conversations/${id}/messages`, { text: 'Hello' });
    await gate.reached;
    const answer = await fetch(`${edge.url}/api/v1/runs/${run.id}/events`, {
      headers: { ...headers, 'accept-encoding': 'gzip' },
    });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(answer.headers.get('content-encoding')).toBeNull();
    const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    while (!heard.includes('"First"')) heard += (await reader.read()).value ?? '';
    expect(heard).not.toContain(' last.');
    gate.open();
    for (let part = await reader.read(); !part.done; part = await reader.read()) heard += part.value;
    expect(heard).toContain('event: run.completed');
  });

  it('upgrades to a WebSocket', async () => {
    const { accessToken, user } = await signUp(edge.url, 'bia');
    const socket = new WebSocket(`${edge.url.replace('http', 'ws')}/ws`, ['bearer', accessToken]);
    const first = await new Promise<string>((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(String(data));
      socket.onerror = () => reject(new Error('no upgrade'));
    });
    expect(JSON.parse(first)).toMatchObject({ type: 'ready', userId: user.id });
    socket.close();
  });

  it('compresses answers, and keeps the address of whoever asks for the limits behind it', async () => {
    const answer = await fetch(`${edge.url}/openapi.json`, { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(answer.headers.get('x-request-id')).toBeTruthy();
  });

  it('is the same product', async () => {
    const own = await startPlatformUnderTest({}, { TRUST_PROXY: 'loopback' });
    const door = await startEdge(program ?? '', new URL(own.gateway).host);
    try {
      const told: string[] = [];
      await playJourney(
        door.url,
        createNarrator((text) => void told.push(text)),
      );
      expect(told.join('')).toContain('[run.completed]');
    } finally {
      await door.stop();
      await own.close();
    }
  }, 180_000);
});
