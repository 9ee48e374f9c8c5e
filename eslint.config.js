import tseslint from 'typescript-eslint';
import { floors } from './test/lint/floors.js';

const DEFAULT_EXPORT = { selector: 'ExportDefaultDeclaration', message: 'Named exports only: a default export has another name wherever it is imported.' };

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', '.todoctl/', 'coverage/'] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { house: { rules: { floors } } },
    rules: {
      'house/floors': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true }],
      'no-restricted-syntax': ['error', DEFAULT_EXPORT],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  // What is printed goes through Io or the log: one redactor stands in front of every output.
  { files: ['cli/**/*.ts', 'services/**/*.ts'], rules: { 'no-console': 'error' } },
  // Dependencies are handed in: the middle of the house does not look at the process it runs in.
  {
    files: ['cli/{definition,engine,kafka,operations,render,systems,views}/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Take it from the context.' },
        { object: 'process', property: 'cwd', message: 'Take it from the context.' },
        { object: 'process', property: 'exit', message: 'Return, or throw a TodoctlError.' },
      ],
    },
  },
  { files: ['cli/commands/**/*.ts'], rules: { 'max-lines': ['error', { max: 60, skipBlankLines: true }], 'no-restricted-syntax': 'off' } },
  // oclif wants a default export of its help class, vitest of its configuration.
  { files: ['cli/help-class.ts', 'vitest*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['services/*/main.ts'], rules: { 'max-lines': ['error', { max: 60, skipBlankLines: true }] } },
  { files: ['test/**/*.ts'], rules: { 'max-lines': 'off' } },
);
