"""Every method that reads, as one call on the world of conformance/who_may.py, and what somebody sees who has no part in it."""

# Anybody may read the thing itself; what it shows of people is masked.
SHOWN = {
    "GetTown": lambda w: w.town.path,
    "ListTowns": lambda w: "/v1/towns",
    "GetUnit": lambda w: f"/v1/{w.village}",
    "ListUnits": lambda w: f"{w.town.path}/units",
    "ListDuties": lambda w: f"{w.town.path}/duties",
    "LocateDuty": lambda w: f"{w.town.path}/duties:locate?unit={w.grid}",
    "GetEvent": lambda w: f"/v1/{w.held['name']}",
    "ListEvents": lambda w: f"{w.town.path}/events",
    "ListCorrections": lambda w: f"/v1/{w.held['name']}/corrections",
    "SummarizeEvents": lambda w: f"{w.town.path}/events:summarize",
    "CountHeldEvents": lambda w: f"{w.town.path}/heldEvents:count?groupBy=MONTH",
    "ListCategories": lambda w: "/v1/categories",
    "GetRoster": lambda w: w.roster,
    "GetEnterprise": lambda w: f"/v1/{w.enterprise}",
    "ListEnterprises": lambda w: f"{w.town.path}/enterprises",
    "ListPlacements": lambda w: f"/v1/{w.enterprise}/placements",
    "GetTeam": lambda w: f"/v1/{w.team['name']}",
    "ListTeams": lambda w: f"{w.town.path}/teams",
}

# Who has no part in it is told that there is no such thing: exactly as if there were none.
HIDDEN = {
    "GetEvent of a draft": lambda w: w.new_draft()["name"],
    "GetCoBuildingDay": lambda w: w.writes.create_co_building_day().do_once()["name"],
    "GetPerson": lambda w: w.resident.person,
    "GetSignUp": lambda w: w.sign_up["name"],
    "GetPairing": lambda w: w.pairing_in("PROPOSED")["name"],
    "GetCommitment": lambda w: w.commitment()["name"],
    "GetListing": lambda w: w.listing_in("DRAFT")["name"],
    "GetListing of a published one": lambda w: w.listing_in("PUBLISHED")["name"],
    "GetMatch": lambda w: w.match_in("PROPOSED")["name"],
    "SuggestListings": lambda w: w.listing_in("DRAFT")["name"] + ":suggest",
    "ListDeeds": lambda w: w.commitment()["name"] + "/deeds",
    "ListLines": lambda w: w.match_in("PROPOSED")["name"] + "/lines",
}

# Who has no part in it is told that they may not, or that there is no such thing.
CLOSED = {
    "ListPeople": lambda w: f"{w.town.path}/people",
    "ListHeldEvents": lambda w: f"{w.town.path}/heldEvents",
    "ExportHeldEvents": lambda w: f"{w.town.path}/heldEvents:export",
    "ListSignUps": lambda w: f"{w.roster}/signUps",
    "ListMembers": lambda w: f"/v1/{w.team['name']}/members",
    "ListTransitions": lambda w: f"/v1/{w.paired()['name']}/transitions",
    "ListCommitments": lambda w: f"/v1/{w.paired()['name']}/commitments",
    "CountCommitments": lambda w: f"{w.town.path}/commitments:count",
    "SuggestForParty": lambda w: f"{w.town.path}/listings:suggestForParty?party={w.enterprise}",
    "CountHeldEvents of a village": lambda w: f"{w.town.path}/heldEvents:count?groupBy=BY_UNIT&unit={w.village}",
}

# Everybody has a list, of what is theirs to see: of these things nothing is.
OWN = {
    "ListGrants": lambda w: (f"{w.town.path}/grants", "grants"),
    "ListMySignUps": lambda w: (f"{w.town.path}/signUps:mine", "signUps"),
    "ListListings": lambda w: (f"{w.town.path}/listings", "listings"),
    "ListMatches": lambda w: (f"{w.town.path}/matches", "matches"),
    "ListPairings of the proposed": lambda w: (f"{w.town.path}/pairings", "pairings"),
}


def method_of(what):
    return what.partition(" ")[0]
