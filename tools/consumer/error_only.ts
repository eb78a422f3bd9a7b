/** One class of the main entry: a bundler that shakes the tree leaves nearly nothing else of the package. */
import { ChannelError } from "@fesa/channel";

console.log(new ChannelError("timeout", "round trips done").message);
