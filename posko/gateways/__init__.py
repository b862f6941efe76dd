"""Texts in: gateways for SMS, WhatsApp and Telegram, and the small grammar that makes reports of what people write."""
