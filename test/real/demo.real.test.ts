// The demo's whole story on the real parts: Apache Kafka instead of the broker, a daprd for each replica instead of the sidecar.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createTestPlatform, PACKAGE } from '../support/platform.ts';
import { getDaprd } from '../tools/dapr/build.ts';
import { startApacheKafka } from '../tools/kafka/start.ts';
import { realPart } from './parts.ts';

const kafka = await realPart('kafka', startApacheKafka);
const daprd = await realPart('daprd', getDaprd);

afterAll(() => kafka?.stop());

describe.skipIf(!kafka || !daprd)('the demo on real parts', () => {
  test('Apache Kafka 4.3.1 and daprd 1.18.2 tell the same story', async () => {
    const own = await readFile(path.join(PACKAGE, 'todoctl.yaml'), 'utf8');
    const real = `  real:    { provider: local, kafka: { bootstrap: ${kafka?.bootstrap} }, dapr: { binary: ${daprd?.binary} } }\n`;
    const project = await createTestPlatform({ yaml: own.replace('environments:\n', `environments:\n${real}`) });
    const { exit, stdout, stderr } = await project.run('demo', '--env', 'real');
    expect(`${exit}\n${stdout}\n${stderr}`).toMatch(/^0\n/);
    expect(stdout).toContain('Weekly review is back, due 2027-01-11 09:00 Europe/Berlin');
    expect(stdout).toContain('task.recurring.triggered.v1');
    expect(stdout).toMatch(/task-api-0\.dapr \d+/);
    await project.dispose();
  });
});
