import { afterAll, beforeAll, describe } from 'vitest';
import type { Kafka } from '../kafka/suite.ts';
import { apiCases } from './cases/api.ts';
import { deliveryCases } from './cases/delivery.ts';
import { groupCases } from './cases/groups.ts';
import { invocationCases } from './cases/invocation.ts';
import { publishCases } from './cases/publish.ts';
import { stateCases } from './cases/state.ts';
import type { StartSidecars } from './sidecars.ts';
import { openWorld, type World } from './world.ts';

const PARTS = {
  publish: publishCases,
  delivery: deliveryCases,
  'consumer groups': groupCases,
  state: stateCases,
  invocation: invocationCases,
  'the rest of the API': apiCases,
};

/** What every Dapr sidecar must do that the platform relies on. The same cases run against the embedded sidecar and the real daprd. */
export function daprContract(name: string, startSidecars: StartSidecars, startKafka?: () => Promise<Kafka>): void {
  describe(`the Dapr contract, kept by ${name}`, () => {
    let opened: World | undefined;
    const world = (): World => opened as World;

    beforeAll(async () => {
      opened = await openWorld(startSidecars, startKafka);
    });
    afterAll(async () => {
      await opened?.close();
    });

    for (const [part, cases] of Object.entries(PARTS)) {
      describe(part, () => {
        afterAll(() => world().end());
        cases(world);
      });
    }
  });
}
