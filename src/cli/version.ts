/** The version of the package, as package.json and deno.json have it; a test compares them. */
export const VERSION: string = "0.2.0";
