/** The two comparisons of the page, over connections of their own. */
import type { ClientSettings } from "../client_settings.ts";
import { CHOICES } from "./choices.ts";
import { openConnection } from "./connection.ts";
import { byId } from "./dom.ts";
import { isRsa } from "./exchanges.ts";
import { openObserved } from "./observed.ts";
import type { TrafficPanel } from "./panels/traffic_panel.ts";
import type { VersionsPanel } from "./panels/versions_panel.ts";
import { sampleFile } from "./sample.ts";
import { sendFile } from "./send_file.ts";
import type { Step } from "./wire/step.ts";

/** Starts a comparison when its button is clicked, and shows beside the button how it ended. */
export function startComparison(id: string, done: string, compare: () => Promise<void>): void {
  const status = byId(`${id}-status`);
  let running = false; // a disabled button would lose the focus
  byId(id).addEventListener("click", async () => {
    if (running) return;
    running = true;
    status.textContent = "Connecting…";
    await compare().then(
      () => status.textContent = done,
      () => status.textContent = "The server does not answer.",
    );
    running = false;
  });
}

/** Sends the same file in every setting. */
export async function compareSettings(settings: ClientSettings, traffic: TrafficPanel): Promise<void> {
  for (const choice of CHOICES) {
    const { exchanges: [exchange], knowledge: [knowledge] } = choice;
    const security = choice.security({ known: settings, knowledge, exchange });
    const connection = await openConnection(exchange.path, security);
    traffic.follow(choice.id, connection.channel);
    await sendFile(connection, sampleFile(), () => traffic.draw());
    await connection.channel.close();
    traffic.draw();
  }
}

/** Connects once in each version of TLS, with a certificate. */
export async function compareVersions(settings: ClientSettings, versions: VersionsPanel): Promise<void> {
  const choice = CHOICES.find(({ id }) => id === "certificate")!;
  const { exchanges, knowledge: [knowledge] } = choice;
  for (const exchange of [exchanges.find(isRsa)!, exchanges[0]]) {
    const steps: Step[] = [];
    const observer = { reader: choice.steps(exchange), see: (step: Step) => steps.push(step) };
    const { channel } = await openObserved({ choice, exchange, knowledge }, settings, observer);
    versions.show({ info: channel.info, steps });
    await channel.close();
  }
}
