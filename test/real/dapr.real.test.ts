import { describe } from 'vitest';
import { startRealDaprd } from '../contract/dapr/sidecars.ts';
import { daprContract } from '../contract/dapr/suite.ts';
import { getDaprd } from '../tools/dapr/build.ts';
import { realPart } from './parts.ts';

const daprd = await realPart('daprd', getDaprd);

describe.skipIf(!daprd)('daprd 1.18.2', () => {
  daprContract('the real daprd', startRealDaprd(daprd?.binary ?? ''));
});
