import { deriveServices, deriveTopics } from '../../cli/definition/derive.ts';
import { overrideDeclared, replicasIn } from '../../cli/definition/environment.ts';
import type { Environment, Platform } from '../../cli/definition/platform.ts';
import { definitionSchema } from '../../cli/definition/schema.ts';

/** A definition, random or made by hand, as one environment sees it; a local one unless it is told. No file is read: properties try hundreds. */
export function platformOf(definition: object, told: Partial<Environment> = {}): Platform {
  const environment: Environment = { name: 'local', provider: 'local', protected: false, ports: {}, systems: {}, ...told };
  const { name, provider } = environment;
  const parsed = definitionSchema.parse({ ...definition, environments: { [name]: { provider, protected: environment.protected } } });
  const defined = parsed.environments[name];
  const declared = defined ? overrideDeclared(parsed, defined) : parsed;
  return {
    name: parsed.platform,
    root: '/project',
    file: '/project/todoctl.yaml',
    environment,
    topics: deriveTopics(declared),
    services: deriveServices(declared, replicasIn(provider)),
  };
}
