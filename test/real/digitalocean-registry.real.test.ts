// A registry at the simulated DigitalOcean and a real API server behind the cluster: what pods pull with comes by attaching, and is waited for.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { pullOf } from '../simulators/digitalocean/controllers/registries.ts';
import { stage } from '../cli/providers/digitalocean/stage.ts';
import { startApiServer } from '../support/api-server.ts';
import { realPart } from './parts.ts';

const server = await realPart('kubernetes', startApiServer);
afterAll(() => server?.stop());

test.skipIf(!server)('the cluster may pull once it is attached: waited for, known to nobody else, and nothing is done twice', async () => {
  const real = server!;
  await using on = await stage({
    behind: { server: real.server, ca: readFileSync(path.join(real.folder, 'ca.crt'), 'utf8'), token: 'token-of-admin' },
    controllers: { nodes: 'made', alone: true },
  });
  on.account.state.takenNames.clear();
  const steps = async (): Promise<Parameters<typeof on.run>[0]> => {
    const { cluster, registry, attach } = await (await on.provider()).steps();
    return [cluster, registry!, attach!];
  };
  const made = await steps();
  const outcome = await on.run(made);
  expect(outcome.error).toBeUndefined();
  expect(outcome.of(made[2]!)).toEqual({ pull: pullOf('todo') });
  const [cluster] = [...on.account.state.clusters.values()];
  expect(cluster?.registries).toEqual(['todo']);
  expect(JSON.stringify(on.events)).not.toContain('dop_v1');

  const before = on.account.changes().length;
  const again = await steps();
  expect(await on.run(again)).toMatchObject({ ok: true, changed: 0 });
  expect(on.account.changes()).toHaveLength(before);

  // Somebody took it away by hand: the next run attaches it again, and nothing else.
  cluster!.registries = [];
  expect(await on.run(await steps())).toMatchObject({ ok: true, changed: 1 });
  expect(on.account.changes().slice(before)).toEqual(['POST /v2/kubernetes/registries']);
}, 300_000);
