"""WhatsApp and SMS by Twilio: signed webhooks in, REST out, each channel with its own rules as data. Knows no conversation and no tables."""
