import { deriveServices, deriveTopics } from './derive.ts';
import { parseDefinition, type ParsedDocument } from './document.ts';
import { overrideDeclared, replicasIn, resolveEnvironment, unknownEnvironment } from './environment.ts';
import { readDefinition, type Source } from './find.ts';
import { hiddenKeys, problemsOf } from './issues.ts';
import type { Environment, Platform, Service } from './platform.ts';
import { definitionError, type Problem } from './problems.ts';
import { referenceProblems } from './references.ts';
import { type Definition, definitionWith, type SystemSchemas } from './schema.ts';

export interface LoadOptions {
  cwd: string;
  /** Name of the environment to resolve. */
  environment: string;
  env: NodeJS.ProcessEnv;
  /** The blocks that systems add to an environment; without them only what all environments share is known. */
  systems?: SystemSchemas;
}

/**
 * Reads todoctl.yaml from `cwd` or a folder above it and resolves one environment: checked, defaults filled, arrows derived.
 * Errors: any TODOCTL_DEFINITION_*, TODOCTL_ENVIRONMENT_UNKNOWN, TODOCTL_ROUTE_WITHOUT_AUTH, … (all mistakes of the file at once).
 */
export async function loadPlatform({ cwd, environment, env, systems = {} }: LoadOptions): Promise<Platform> {
  const source = await readDefinition(cwd);
  const document = parseDefinition(source.text);
  const definition = checkDefinition(source, document, systems);
  const defined = Object.hasOwn(definition.environments, environment) ? definition.environments[environment] : undefined;
  if (!defined) throw unknownEnvironment(environment, Object.keys(definition.environments), source.shown);

  const declared = overrideDeclared(definition, defined);
  const platform: Platform = {
    name: definition.platform,
    root: source.root,
    file: source.file,
    environment: resolveEnvironment(environment, defined, Object.keys(systems), { platform: definition.platform, root: source.root, home: env['HOME'] }),
    topics: deriveTopics(declared),
    services: deriveServices(declared, replicasIn(defined.provider)),
  };
  const lacking = [...missingKeys(platform.environment), ...publicWithoutAuth(platform.environment, platform.services)];
  if (lacking.length > 0) throw definitionError(source.shown, lacking.map(document.place));
  return platform;
}

/** The definition in a text, or all that is wrong with it in one error. `shown`: the file as a person would name it. */
export function checkDefinition({ shown }: Pick<Source, 'shown'>, document: ParsedDocument, systems: SystemSchemas): Definition {
  if (document.problems.length > 0) throw definitionError(shown, document.problems);
  const schema = definitionWith(systems);
  const parsed = schema.safeParse(document.value);
  const told = [...(parsed.success ? [] : problemsOf(parsed.error.issues, document.value, schema)), ...referenceProblems(document.value)];
  const hidden = hiddenKeys(document.value).filter((key) => !told.some(({ path }) => path.join('/') === key.path.join('/')));
  const problems = [...told, ...hidden];
  if (parsed.success && problems.length === 0) return parsed.data;
  throw definitionError(shown, problems.map(document.place));
}

/** What a provider cannot do without. */
function missingKeys({ name, provider, region, nodes, context }: Environment): Problem[] {
  const missing = (key: string, inside: readonly string[] = []): Problem => ({
    code: 'TODOCTL_DEFINITION_MISSING_KEY',
    message: `${key} is missing in ${['environments', name, ...inside].join('.')}, which is of provider ${provider}`,
    path: ['environments', name, ...inside],
    at: 'key',
  });
  if (provider === 'local') return [];
  if (provider === 'existing') return context === undefined ? [missing('context')] : [];
  return [
    ...(region === undefined ? [missing('region')] : []),
    ...(nodes === undefined ? [missing('nodes')] : [...(nodes.size === undefined ? [missing('size', ['nodes'])] : []), ...(nodes.count === undefined ? [missing('count', ['nodes'])] : [])]),
  ];
}

function publicWithoutAuth(environment: Environment, services: readonly Service[]): Problem[] {
  const open = services.filter(({ route }) => route !== undefined);
  if (environment.provider === 'local' || environment.auth || open.length === 0) return [];
  return [
    {
      code: 'TODOCTL_ROUTE_WITHOUT_AUTH',
      message: `${environment.name} opens ${open.map(({ route }) => route).join(', ')} to the public and has no auth`,
      path: ['environments', environment.name],
      at: 'key',
    },
  ];
}
