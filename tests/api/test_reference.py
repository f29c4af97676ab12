"""/docs: the whole OpenAPI document as a page of our own, with what tries it."""

import re
from html import escape

import httpx
from fastapi import FastAPI


async def test_the_page_names_every_operation_and_schema_and_asks_no_other_host(
    client: httpx.AsyncClient, app: FastAPI
) -> None:
    page = (await client.get("/docs")).text
    document = app.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f'<b class="{method}">{method.upper()}</b> <code>{escape(path)}</code>' in page
            assert escape(operation["description"]) in page
            assert f'<form data-method="{method.upper()}" data-path="{escape(path)}">' in page
    assert not re.findall(r'(?:src|href)="(?!/|#)', page)
    assert set(re.findall(r'href="#([\w-]+)"', page)) <= set(re.findall(r'id="([\w-]+)"', page))
    assert set(re.findall(r'id="schema-([\w-]+)"', page)) == set(document["components"]["schemas"])
    assert page.startswith("<!doctype html>")


async def test_its_forms_hold_each_parameter_and_a_body_that_can_be_sent(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    job = page.split('id="start_job"')[1].split("</details>")[0]
    assert 'name="job_id" data-in="path" value="crawl_news" required' in job
    assert "&quot;arguments&quot;" in job.split("<textarea")[1].split("</textarea>")[0]
    stream = page.split('id="stream"')[1].split("</details>")[0]
    assert "<button" not in stream  # it has no end to wait for
    assert "curl &#x27;http://localhost/api/stocks&#x27;" in page


async def test_its_style_and_script_come_from_azak_itself(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert not re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", page.text)
    for name, media in (("docs.css", "text/css"), ("docs.js", "text/javascript")):
        answer = await client.get(f"/docs/{name}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media)
    assert (await client.get("/docs/page.py")).status_code == 422
