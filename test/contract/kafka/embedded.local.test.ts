import { startEmbedded } from './embedded.ts';
import { kafkaContract } from './suite.ts';

kafkaContract('the embedded broker', () => startEmbedded());
