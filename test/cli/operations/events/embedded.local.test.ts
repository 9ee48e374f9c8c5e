import { clientVersions } from '../../../contract/kafka/client-versions.ts';
import { eventsContract } from '../../../contract/kafka/events-suite.ts';
import { startEmbedded } from '../../../contract/kafka/embedded.ts';

eventsContract('the embedded broker', startEmbedded);
clientVersions('the embedded broker', startEmbedded);
