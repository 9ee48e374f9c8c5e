import { startEmbeddedSidecar } from './sidecars.ts';
import { daprContract } from './suite.ts';

daprContract('the embedded sidecar', startEmbeddedSidecar);
