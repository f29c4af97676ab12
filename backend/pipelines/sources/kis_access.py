"""A KIS client for jobs, with the one access token that all processes share.

The token is stored encrypted with the app secret, which every call needs anyway, so the database alone does not open
KIS. One process issues the token, the others wait for it (services/operations/source_tokens.py).
"""

import asyncio
import base64
import hashlib
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

from backend import clock
from backend.config import SourceSettings
from backend.db.session import Database
from backend.errors import SourceTemporaryError
from backend.pipelines.context import Tools
from backend.services.operations import source_tokens
from backend.services.operations.source_tokens import StoredToken
from backend.sources import kis
from backend.sources.http.client import SourceClient

POLL_S: Final = 0.25
WAIT_S: Final = 8.0


class StoredTokens:
    """A kis.TokenKeeper over the database."""

    def __init__(self, database: Database, client: SourceClient, settings: SourceSettings) -> None:
        self._database, self._client = database, client
        self._app_key, self._app_secret = _keys(settings)
        secret = self._app_secret.get_secret_value().encode()
        self._seal = Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret).digest()))
        identity = f"{settings.kis_url} {self._app_key.get_secret_value()}".encode()
        self._key_hash = hashlib.blake2b(identity, key=secret[:64], digest_size=16).hexdigest()

    async def get(self, rejected: SecretStr | None = None) -> SecretStr:
        """The shared token, issued by this process if no other one is issuing it. Raises a SourceError."""
        stored: StoredToken | None = None
        for _ in range(round(WAIT_S / POLL_S)):
            async with self._database.read() as session:
                stored = await source_tokens.get_token(session, kis.SOURCE)
            token = self._unsealed(stored)
            if token is not None and token != rejected:
                return token
            async with self._database.write() as session:
                is_mine = await source_tokens.claim_token(
                    session, kis.SOURCE, self._key_hash, rejected=stored.sealed if stored and token else None
                )
            if is_mine:
                return await self._issue()
            await asyncio.sleep(POLL_S)
        raise self._still_claimed(stored)

    def _still_claimed(self, stored: StoredToken | None) -> SourceTemporaryError:
        left = 0.0 if stored is None else (stored.claimed_until - clock.now()).total_seconds()
        return SourceTemporaryError(
            f"{kis.SOURCE} issues one token a minute and the last one was refused; it is asked again later.",
            retry_after_s=max(1, round(left) + 1),
        )

    async def _issue(self) -> SecretStr:
        token = await kis.issue_token(self._client, self._app_key, self._app_secret)
        sealed = self._seal.encrypt(token.value.get_secret_value().encode()).decode()
        async with self._database.write() as session:
            await source_tokens.store_token(session, kis.SOURCE, self._key_hash, sealed, token.expires_at)
        return token.value

    def _unsealed(self, stored: StoredToken | None) -> SecretStr | None:
        if stored is None or stored.sealed is None or stored.expires_at is None or stored.key_hash != self._key_hash:
            return None
        if stored.expires_at < clock.now() + source_tokens.MARGIN:
            return None
        try:
            return SecretStr(self._seal.decrypt(stored.sealed.encode()).decode())
        except InvalidToken:
            return None


def _keys(settings: SourceSettings) -> tuple[SecretStr, SecretStr]:
    if settings.kis_app_key is None or settings.kis_app_secret is None:
        raise ValueError("KIS was opened without its keys; ask the catalogue first whether it is on.")
    return settings.kis_app_key, settings.kis_app_secret


def open_kis(tools: Tools, client: SourceClient) -> kis.KisClient:
    """KIS through `client`, with the shared token."""
    settings = tools.settings.sources
    return kis.KisClient(client, *_keys(settings), StoredTokens(tools.database, client, settings))
