/** Run by `workerd test`. */
import { roundTrips } from "./round_trips.ts";

export default { test: (): Promise<void> => roundTrips() };
