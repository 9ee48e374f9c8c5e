import type { Templates } from './templates.ts';

/** What a pipeline must know of an environment in a cluster. */
export interface PipelineEnvironment {
  name: string;
  protected: boolean;
}

/** Actions by commit: a tag can be moved to other code, as happened to many in March 2026. */
const ACTIONS = {
  checkout: { uses: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1', version: 'v7' },
  setupNode: { uses: 'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020', version: 'v7' },
};

/**
 * The workflows of GitHub Actions, by path below the project's root. A protected environment is deployed by a tag, others by
 * every push to main whose images were pushed, and a tag pushes its own; GitHub's environment of the same name asks for whatever approval it has.
 */
export function workflows(environments: readonly PipelineEnvironment[], definition: string, templates: Templates): { path: string; text: string }[] {
  const file = (name: string, template: string, view: object): { path: string; text: string } => ({
    path: `.github/workflows/${name}.yml`,
    text: `# Made by todoctl from ${definition} and templates/${template}; generating writes it anew.\n${templates.fill(template, { ...ACTIONS, ...view })}`,
  });
  const [first] = environments;
  if (!first) return [file('build', 'pipelines/build.yml.hbs', { environments })];
  return [
    file('build', 'pipelines/build.yml.hbs', { environments }),
    file('build-push', 'pipelines/build-push.yml.hbs', { environment: first.name }),
    ...environments.map((environment) => file(`deploy-${environment.name}`, 'pipelines/deploy.yml.hbs', { environment: environment.name, protected: environment.protected })),
    file('drift-detection', 'pipelines/drift-detection.yml.hbs', { environments: environments.map(({ name }) => name) }),
  ];
}
