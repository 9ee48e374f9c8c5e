import type { Answer, Route } from './route.ts';

/** An independent opinion on requests and answers: each method says what is wrong with one. */
export interface Contract {
  request(route: Route, params: Readonly<Record<string, string>>, query: URLSearchParams, body: unknown): readonly string[];
  response(route: Route, answer: Answer): readonly string[];
}
