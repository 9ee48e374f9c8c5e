import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { entranceOf, smokeStep } from '../../../../../cli/targets/local/steps/smoke.ts';
import { platformOf, TODO } from '../platforms.ts';
import { known, runAll, type Told } from './stage.ts';

async function smoke(listener: RequestListener, yaml = TODO): Promise<Told & { url: unknown; title: string; asked: (string | undefined)[] }> {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    listener(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const step = smokeStep(await platformOf({ yaml }), known('ports', { entrance: (server.address() as { port: number }).port }), []);
  const told = await runAll([step]);
  return { ...told, url: told.outcome.of(step)?.port, title: step.title, asked };
}

test('the front door answers: the deploy is good, and where the door is', async () => {
  const { outcome, url, asked, title } = await smoke((_, response) => void response.end('{}'));
  expect([outcome.ok, asked, title]).toEqual([true, ['/api/health'], 'GET /api/health']);
  expect(url).toMatch(/^\d+$/);
});

test('a platform without an API is asked for the gateway\'s own health', async () => {
  const yaml = 'platform: p\ntopics: {}\nservices: { web: { route: / } }\nenvironments: { local: { provider: local } }\n';
  expect((await smoke((_, response) => void response.end('{}'), yaml)).asked).toEqual(['/__gateway/healthz']);
});

describe('the deploy is not good', () => {
  test('when the door answers anything but 200: with what it said, and no more than 300 characters of it', async () => {
    const { outcome } = await smoke((_, response) => void response.writeHead(503).end(`no replica ${'x'.repeat(1000)}`));
    expect(outcome.error).toMatchObject({ code: 'TODOCTL_SMOKE_FAILED', message: expect.stringMatching(/^GET \/api\/health through http:\/\/127\.0\.0\.1:\d+ answered 503 no replica x{289}$/) as string });
  });

  test('when the door breaks the connection', async () => {
    const { outcome } = await smoke((request) => void request.socket.destroy());
    expect(outcome.error).toMatchObject({ code: 'TODOCTL_SMOKE_FAILED', message: expect.stringMatching(/answered nothing: /) as string });
  });

  test('when nobody is at the door', async () => {
    const step = smokeStep(await platformOf(), known('ports', { entrance: 1 }), []);
    expect((await runAll([step])).outcome.error).toMatchObject({ code: 'TODOCTL_SMOKE_FAILED', message: expect.stringContaining('ECONNREFUSED') as string });
  });
});

test('a dry run asks nobody', async () => {
  const step = smokeStep(await platformOf(), known('ports', { entrance: 1 }), []);
  const { ends, outcome } = await runAll([step], { dryRun: true });
  expect([ends['smoke'], outcome.ok]).toEqual(['skipped', true]);
});

test('the entrance is on loopback', () => {
  expect(entranceOf({ entrance: 20_001 }).href).toBe('http://127.0.0.1:20001/');
  expect(() => entranceOf({})).toThrow('no port is known for entrance');
});
