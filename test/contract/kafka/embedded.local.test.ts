import { startEmbedded } from './embedded.ts';
import { kafkaContract } from './suite.ts';
import { kafkaVersions } from './versions.ts';

kafkaContract('the embedded broker', () => startEmbedded());
kafkaVersions('the embedded broker', () => startEmbedded());
