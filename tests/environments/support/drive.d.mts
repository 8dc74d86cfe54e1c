/** The driver, for fixtures in TypeScript. */
export type Outcome = { steps: string[]; error: string | null };
type Package = { AuthClient: typeof import("propusk").AuthClient };
export function drive(propusk: Package, baseUrl: string): Promise<string[]>;
export function outcome(propusk: Package, baseUrl: string): Promise<Outcome>;
export function report(propusk: Package): Promise<Outcome>;
